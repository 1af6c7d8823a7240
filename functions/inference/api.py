"""
The inference function behind API Gateway. All is made once, when Lambda starts the environment.

A function that cannot load its one artifact, or whose model fails on its own example, does not
start: Lambda then says so, and a rollout never gets to send it traffic.
"""

from mangum import Mangum

from wherry.evidence import PowertoolsEvidence
from wherry.http import create_app
from wherry.service import load_service
from wherry.settings import Settings

settings = Settings.from_environment()
service = load_service(settings)
app = create_app(service, evidence=PowertoolsEvidence(service.release))
handler = Mangum(app, lifespan="off")

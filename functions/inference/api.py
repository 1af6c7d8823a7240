"""
The inference function behind API Gateway. All is made once, when Lambda starts the environment.

A function that cannot load its one artifact, or whose model fails on its own example, does not
start: Lambda then says so, and a rollout never gets to send it traffic.
"""

import logging

from wherry.beside import beside, chooser_of, jobs_of, shadow_of
from wherry.evidence import EvidenceLog, to_stdout
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.lambda_events import handler_for
from wherry.logs import log_structured
from wherry.service import load_service
from wherry.settings import Settings

log_structured(logging.getLogger("wherry"))
settings = Settings.from_environment()
service = load_service(settings)
evidence = EvidenceLog(service.release, slo_ms=settings.slo_ms)
shadow = shadow_of(settings, service)
hooks = Hooks(chooser_of(settings, service), shadow, jobs_of())
app = App(service, evidence=evidence, feedback=to_stdout, docs=settings.docs, hooks=hooks)
handler = beside(handler_for(app), settings, service, shadow)

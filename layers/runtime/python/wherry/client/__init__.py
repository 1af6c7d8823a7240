"""
The Python client: arrays or plain rows in, predictions out, from any server of Wherry's.

It needs NumPy, httpx, msgspec and orjson, and loads no model and no ONNX Runtime. Nothing else of
Wherry may import it. What it sends and how it reads answers is in flows that know no socket; the
two clients carry them out.
"""

from wherry.client.asynchronous import AsyncClient
from wherry.client.handles import AsyncJob, Job
from wherry.client.jobs import JobStatus
from wherry.client.plain_payloads import Body
from wherry.client.predictions import PlainPrediction, Prediction, Source
from wherry.client.retries import Retries
from wherry.client.signing import Keys, SigV4
from wherry.client.synchronous import Client

__all__ = [
    "AsyncClient",
    "AsyncJob",
    "Body",
    "Client",
    "Job",
    "JobStatus",
    "Keys",
    "PlainPrediction",
    "Prediction",
    "Retries",
    "SigV4",
    "Source",
]

"""
What a job is: how it is kept, how it is told over HTTP, and which states it passes through.

    waiting ─► queued ─► running ─► succeeded | failed
       └─────────┴──────────┴──────► cancelled            expired: told by the clock, from any

HTTP, where a release has jobs (elsewhere these paths do not exist). Every path below `/v2` and
`/predict` is one of the API's; request headers and error replies are those of a prediction.

POST /v2/models/{model}/jobs   (also …/models/{model}/versions/{version}/jobs)
    The body, and its headers, are those of POST …/infer: JSON or binary tensors.
POST /predict/{model}/jobs
    The body, and its headers, are those of POST /predict/{model}: rows, CSV, an image, a text.
    Both answer 202 with a job (below) and `Location`, a reference to it that is relative to the
    request. `Content-Type`, `Content-Encoding` and `Inference-Header-Content-Length` say how the
    body is to be read, `Accept` and `Accept-Encoding` how the result is to be written.
    `Idempotency-Key: <1 to 255 characters>`: the same key, caller and content is the same job,
    whatever state it has by now; with other content it is a 422.
    `x-wherry-upload: <bytes>`, and no body: the input comes later, as large as that. The job is
    `waiting`, and has `upload`. The other headers are given here, and not with the upload.
    400 and 413 as for a prediction; 413 too where <bytes> is over what a job takes.
PUT <upload.url>               with the body alone, and the headers in `upload.headers`.
POST /v2/models/{model}/jobs/{id}
    Starts a waiting job: 202. 409 where nothing was uploaded yet, or not so many bytes, or where
    it is cancelled or expired. Of one that was started before: 202, and changes nothing.
GET /v2/models/{model}/jobs/{id}
    200 with the job. While it is queued or running, `Retry-After` says in how many seconds to look
    again: an eighth of the time that it has taken so far, and 1 to 30. The replies to the POSTs say
    so too.
DELETE /v2/models/{model}/jobs/{id}
    204: cancelled, and its input and result are erased. As often as one likes, and again until a
    204 came.

Another caller's job is a 404, as one that never was. A job in JSON:

    {"id": "32 hex digits", "status": "succeeded", "url": "/v2/models/iris/jobs/<id>",
     "model": "iris", "version": "1", "release": "7",
     "created": "2026-07-01T00:00:00Z", "expires": "2026-07-02T00:00:00Z",
     "upload": {"method": "PUT", "url": "https://…", "headers": {…}, "bytes": 20000000,
                "expires": "…"},                                        only while `waiting`
     "result": {"url": "https://…", "bytes": 123, "expires": "…",
                "headers": {"content-type": "…", "content-encoding": "gzip",
                            "inference-header-content-length": "97"}},  only of `succeeded`
     "error": "…", "error_status": 400}                                 only of `failed`

`url` is below the API's address (which may end in a stage). `result.url` and `upload.url` are
whole, carry their own permission and are good for 15 minutes: they are asked for without the key
or signature of the API, and GET makes new ones. `result.headers` are what the headers of the same
prediction would have said: the bytes behind the URL are its body. `id` is the prediction's id too.
"""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from wherry.pinned import Pinned

Status = Literal["waiting", "queued", "running", "succeeded", "failed", "cancelled", "expired"]
Kind = Literal["infer", "predict"]  # the route whose body it has

UPLOAD = "x-wherry-upload"
IDEMPOTENCY_KEY = "idempotency-key"
LINK_SECONDS = 15 * 60
READ_BY = ("content-type", "content-encoding", "inference-header-content-length")
WRITTEN_BY = ("accept", "accept-encoding")
ENDED = frozenset({"succeeded", "failed", "cancelled", "expired"})


_ID = re.compile("[0-9a-f]{32}")


def is_id(text: str) -> bool:
    """Whether it can be a job's: only then is anybody asked for it."""
    return _ID.fullmatch(text) is not None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bytes are, below the jobs' own place, and what its headers say of them."""

    key: str
    bytes: int
    headers: Mapping[str, str]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """As a prediction would have been refused."""

    error: str
    status: int


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    A job as it is kept: nothing of its payload, and of its owner a hash.

    `revision` is another with each move, so that two who move it know who was first. `place` is
    the folder of its objects, which nobody can guess. `content` is a hash of all that was asked.
    Times are seconds since 1970; `begun` is when an input that was to be uploaded was there. An
    attempt has it until `lease`; `last` says that no other will follow that attempt.
    """

    id: str
    owner: str
    revision: str
    status: Status
    kind: Kind
    pinned: Pinned
    place: str
    content: str
    bytes: int
    created: float
    expires: float
    headers: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    begun: float = 0
    attempts: int = 0
    lease: float = 0
    last: bool = False
    result: Result | None = None
    failure: Failure | None = None

    @property
    def input(self) -> str:
        """The key of what was sent."""
        return f"{self.place}/input"

    def result_of(self, attempt: int) -> str:
        """The key of what an attempt writes: each has its own, so that none reads another's."""
        return f"{self.place}/result-{attempt}"

    @property
    def objects(self) -> list[str]:
        """Every key that may hold something of it."""
        return [self.input, *(self.result_of(one + 1) for one in range(self.attempts))]


def seen(job: Job, now: float) -> Job:
    """
    The job as it is to be told at `now`: time alone may have ended it.

    An attempt that outlived its lease was killed, in time or memory: it waits for the next one, or
    if it was the last, it has failed, and nobody else will say so.
    """
    if now >= job.expires:
        return msgspec.structs.replace(job, status="expired", result=None, failure=None)
    if job.status != "running" or now < job.lease:
        return job
    if not job.last:
        return msgspec.structs.replace(job, status="queued")
    failure = Failure(error="it took too long, or more memory than there is", status=500)
    return msgspec.structs.replace(job, status="failed", failure=failure)

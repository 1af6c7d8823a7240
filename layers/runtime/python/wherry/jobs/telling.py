"""A job as its owner is told of it: see the contract."""

from datetime import UTC, datetime
from typing import Any

from wherry.jobs.contract import LINK_SECONDS, Job
from wherry.jobs.store import Link, Objects

SOONEST, LATEST = 1, 30  # seconds
PARTS = 8  # of the time that it has waited


def told(job: Job, url: str, *, now: float, host: str, objects: Objects) -> dict[str, Any]:
    """Links are made only to what the state of the job allows."""
    shown: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "url": url,
        "version": str(job.pinned.version),
        "release": job.pinned.release,
        "created": _time(job.created),
        "expires": _time(job.expires),
    }
    until = _time(now + LINK_SECONDS)
    if job.status == "waiting":
        address = objects.link(Link("PUT", url, job.input, job.bytes, host))
        shown["upload"] = {
            "method": "PUT", "url": address, "headers": {}, "bytes": job.bytes, "expires": until,
        }  # fmt: skip
    if job.status == "succeeded" and job.result is not None:
        result = job.result
        address = objects.link(Link("GET", url, result.key, result.bytes, host))
        shown["result"] = {
            "url": address, "bytes": result.bytes, "headers": result.headers, "expires": until,
        }  # fmt: skip
    if job.status == "failed" and job.failure is not None:
        shown |= {"error": job.failure.error, "error_status": job.failure.status}
    return shown


def look_again(job: Job, now: float) -> int | None:
    """
    In how many seconds: a short job is not waited for long, and a long one not asked for often. Who
    heeds it learns of an end an eighth late at most. None where nothing goes on by itself.
    """
    if job.status not in ("queued", "running"):
        return None
    waited = now - (job.begun or job.created)
    return int(min(LATEST, max(SOONEST, waited // PARTS)))


def url_of(model: str, job_id: str) -> str:
    """Below the address of the API."""
    return f"/v2/models/{model}/jobs/{job_id}"


def location(path: str, url: str) -> str:
    """`url` as seen from `path`: a stage that is before both stays (RFC 9110, 10.2.2)."""
    return "../" * (path.count("/") - 1) + url.lstrip("/")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")

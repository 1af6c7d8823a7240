"""
The one table of what is served: each path, its method, and what it is called.

The app dispatches by it and the OpenAPI document is written from it, so that no route is told
twice. Paths of pages for people are not here: they need no model.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec


class Route(msgspec.Struct, frozen=True):
    """`template` has `{model}` and `{version}` where the path names them."""

    method: str
    template: str
    name: str
    summary: str


_MODEL = "/v2/models/{model}"


def _both(method: str, tail: str, name: str, summary: str) -> tuple[Route, Route]:
    """With and without a version in the path."""
    return (
        Route(method, f"{_MODEL}{tail}", name, summary),
        Route(method, f"{_MODEL}/versions/{{version}}{tail}", name, summary),
    )


ROUTES: tuple[Route, ...] = (
    *_both("POST", "/infer", "infer", "Predict: tensors in, tensors out"),
    Route("POST", "/predict/{model}", "predict", "Predict: plain rows in, plain answers out"),
    Route("POST", "/feedback", "feedback", "Tell what became of predictions"),
    Route("GET", "/v2/health/live", "live", "Whether this process answers"),
    Route("GET", "/v2/health/ready", "ready", "Whether the model is ready"),
    Route("GET", "/v2", "server", "What this server is and speaks"),
    Route("GET", "/v2/models", "models", "The models that are served here"),
    *_both("GET", "", "model", "What a model takes and gives"),
    *_both("GET", "/ready", "model_ready", "Whether a model is ready"),
    *_both("GET", "/config", "config", "How a model is configured"),
    *_both("GET", "/stats", "stats", "How often a model was asked, and how long it took"),
)

_JOB = f"{_MODEL}/jobs/{{job}}"
JOB_ROUTES: tuple[Route, ...] = (
    *_both("POST", "/jobs", "infer_job", "Predict later: tensors in"),
    Route("POST", "/predict/{model}/jobs", "predict_job", "Predict later: plain rows in"),
    Route("POST", _JOB, "start_job", "Start a job whose input was uploaded"),
    Route("GET", _JOB, "job", "What became of a job"),
    Route("DELETE", _JOB, "erase_job", "Cancel a job, and erase what is kept of it"),
)

Found = tuple[Mapping[str, Route], Mapping[str, str]]
_Patterns = Sequence[tuple[re.Pattern[str], Mapping[str, Route]]]


def find(path: str) -> Found | None:
    """The routes of one path by their method, and what the path names; None if it has none."""
    return _found(path, _PATTERNS)


def find_with_jobs(path: str) -> Found | None:
    """As `find`, where there are jobs."""
    return find(path) or _found(path, _job_patterns())


def _found(path: str, patterns: _Patterns) -> Found | None:
    for pattern, routes in patterns:
        found = pattern.fullmatch(path)
        if found:
            return routes, found.groupdict()
    return None


def _patterns(routes: Sequence[Route]) -> _Patterns:
    return tuple(
        (
            _pattern(template),
            {route.method: route for route in routes if route.template == template},
        )
        for template in dict.fromkeys(route.template for route in routes)
    )


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


_PATTERNS = _patterns(ROUTES)


@cache
def _job_patterns() -> _Patterns:
    return _patterns(JOB_ROUTES)

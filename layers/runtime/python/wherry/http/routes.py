"""
The one table of what is served: each path, its method, and what it is called.

The app dispatches by it and the OpenAPI document is written from it, so that no route is told
twice. Paths of pages for people are not here: they need no model.
"""

import re
from collections.abc import Mapping

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


def find(path: str) -> tuple[Mapping[str, Route], Mapping[str, str]] | None:
    """The routes of one path by their method, and what the path names; None if it has none."""
    for pattern, routes in _PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            return routes, found.groupdict()
    return None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


_PATTERNS = tuple(
    (
        _pattern(template),
        {route.method: route for route in ROUTES if route.template == template},
    )
    for template in dict.fromkeys(route.template for route in ROUTES)
)

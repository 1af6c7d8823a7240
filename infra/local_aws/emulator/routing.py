"""Weighted aliases: who answers, which weights are refused, and what callers hear of a failure."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import random
from collections.abc import Callable, Container
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.metrics import ASKED
from infra.local_aws.emulator.wrapping import Record, wrap


def route_by_alias_weights(lambda_svc: ModuleType, chance: random.Random) -> None:
    """
    AWS routes each invocation of a weighted alias by chance; MiniStack always takes the primary.

    Reading an alias's configuration (GetFunction) still answers with the primary, as AWS does.
    """

    def routed(func: Record | None, qualifier: str | None) -> str | None:
        ASKED.set((((func or {}).get("config") or {}).get("FunctionName", ""), qualifier))
        alias = (func or {}).get("aliases", {}).get(qualifier, {})
        return _drawn(alias, chance.random()) or qualifier

    def by_reference(original: Any) -> Callable[..., Any]:
        def effective(func: Record | None, qualifier: str | None) -> Any:
            return original(func, routed(func, qualifier))

        def reading(name: str, qualifier: str | None) -> Any:
            return original(lambda_svc._functions.get(name), qualifier)

        wrap(lambda_svc, "_get_func_record_for_qualifier", lambda _: reading)
        return effective

    def by_invoke(original: Any) -> Callable[..., Any]:
        async def invoke(
            name: str, event: Any, headers: Record, path_qualifier: str | None = None,
            query_params: Record | None = None,
        ) -> Any:  # fmt: skip
            asked = lambda_svc._qualifier_from_path_or_query(path_qualifier, query_params)
            asked = asked or headers.get("x-amz-qualifier")
            taken = routed(lambda_svc._functions.get(name), asked)
            return await original(name, event, headers, taken, query_params)

        return invoke

    wrap(lambda_svc, "_effective_func_record_for_qualifier", by_reference)
    wrap(lambda_svc, "_invoke", by_invoke)


def _drawn(alias: Record, mark: float) -> str | None:
    """The version beside the primary one that a mark from 0 to 1 hits, if it hits one."""
    for version, weight in additional_weights(alias).items():
        mark -= float(weight)
        if mark < 0:
            return version
    return None


def additional_weights(alias: Record) -> dict[str, Any]:
    """The versions beside the primary one, with their weights; empty when there are none."""
    routing: Record = alias.get("RoutingConfig") or {}
    return routing.get("AdditionalVersionWeights") or {}


def refuse_wrong_alias_routing(lambda_svc: ModuleType) -> None:
    """AWS refuses a routing to unknown versions, from `$LATEST`, to more than two, or beyond 1."""

    def refused(name: str, alias: Record) -> Any:
        function = lambda_svc._functions.get(name)
        fault = routing_fault(alias, function["versions"]) if function else None
        return fault and lambda_svc.error_response_json(*fault)

    def creating(original: Any) -> Callable[..., Any]:
        return lambda name, data: refused(name, data) or original(name, data)

    def updating(original: Any) -> Callable[..., Any]:
        def update(name: str, alias_name: str, data: Record) -> Any:
            found = (lambda_svc._functions.get(name) or {}).get("aliases", {}).get(alias_name)
            fault = refused(name, {**found, **data}) if found else None
            return fault or original(name, alias_name, data)

        return update

    wrap(lambda_svc, "_create_alias", creating)
    wrap(lambda_svc, "_update_alias", updating)


def routing_fault(alias: Record, known: Container[str]) -> tuple[str, str, int] | None:
    """Why AWS would refuse `alias` of a function with the versions `known`: code, words, status."""
    primary, weights = alias.get("FunctionVersion", ""), additional_weights(alias)
    wrong = "InvalidParameterValueException"
    if primary != "$LATEST" and primary not in known:
        return "ResourceNotFoundException", f"Function not found: version {primary}", 404
    if weights and primary == "$LATEST":
        return wrong, "$LATEST is not supported for an alias pointing to more than 1 version", 400
    if len(weights) > 1:
        return wrong, "An alias can point to a maximum of two versions", 400
    for version, weight in weights.items():
        if version not in known or version == primary:
            return wrong, f"Invalid function version {version} in the routing configuration", 400
        if not 0 <= float(weight) <= 1:
            return wrong, f"The weight {weight} is not between 0.0 and 1.0", 400
    return None


def keep_failures_inside(apigateway_v1: ModuleType) -> None:
    """
    AWS tells callers of a function that failed nothing but `Internal server error`.

    MiniStack sends them the function's own error, with all that it says of the inside.
    """

    def by_shaping(original: Any) -> Callable[..., Any]:
        def shaped(result: Record) -> tuple[Any, str | None]:
            response, error = original(result)
            return response, error and "Internal server error"

        return shaped

    wrap(apigateway_v1, "_lambda_proxy_response", by_shaping)

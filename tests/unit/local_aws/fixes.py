"""Run by test_fixes.py in MiniStack's environment: apply the fixes, print what it answers then."""

import asyncio
import json
import random
import sys
import tempfile
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core import iam_actions, tls
from ministack.services import apigateway_v1, ecr, lambda_svc

from infra.local_aws.emulator import bodies, containers, registry, routing, wrapping

if TYPE_CHECKING:
    from collections.abc import Callable

ALIAS = {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}
WRONG: dict[str, dict[str, Any]] = {
    "too heavy": {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 2}}},
    "unknown": {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"9": 0.5}}},
    "latest": ALIAS | {"FunctionVersion": "$LATEST"},
    "three": {
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1, "3": 0.1}},
    },
    "no primary": {"FunctionVersion": "9"},
}


def config(version: str) -> dict[str, Any]:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    image = {"PackageType": "Image", "ImageUri": "image:1", "MemorySize": 512}
    return {"FunctionName": "f", "FunctionArn": arn, "Version": version, **image}


def function() -> dict[str, Any]:
    versions = {v: {"config": config(v)} for v in ("1", "2", "3")}
    return {"config": config("$LATEST"), "versions": versions, "aliases": {"live": dict(ALIAS)}}


def answer(response: tuple[int, Any, bytes]) -> list[Any]:
    status, _, body = response
    told = json.loads(body or b"{}")
    return [status, told.get("__type") or told.get("Code") or sorted(told)]


def routes() -> dict[str, Any]:
    routing.route_by_alias_weights(lambda_svc, random.Random("seed"))  # noqa: S311 (no secret)
    func = lambda_svc._functions["f"] = function()
    taken = [
        lambda_svc._effective_func_record_for_qualifier(func, "live")[1]["Version"]
        for _ in range(4000)
    ]
    invoked = [
        asyncio.run(lambda_svc._invoke("f", {}, {"x-amz-invocation-type": "DryRun"}, "live"))[1]
        for _ in range(400)
    ]
    read = lambda_svc._get_func_record_for_qualifier("f", "live")[1]["Version"]
    return {
        "candidate": taken.count("2") / len(taken),
        "versions": sorted(set(taken)),
        "invoked": sum(a["X-Amz-Executed-Version"] == "2" for a in invoked) / len(invoked),
        "read": read,
        "pinned": lambda_svc._effective_func_record_for_qualifier(func, "3")[1]["Version"],
    }


def aliases() -> dict[str, Any]:
    routing.refuse_wrong_alias_routing(lambda_svc)
    refused = {
        name: answer(lambda_svc._update_alias("f", "live", alias)) for name, alias in WRONG.items()
    }
    created = answer(lambda_svc._create_alias("f", {"Name": "new", **WRONG["unknown"]}))
    good = lambda_svc._update_alias("f", "live", ALIAS)[0]
    return {"refused": refused, "created": created, "good": good}


def failures() -> dict[str, Any]:
    routing.keep_failures_inside(apigateway_v1)
    good = {"statusCode": 200, "body": "fine"}
    return {
        "failed": apigateway_v1._lambda_proxy_response(
            {"error": True, "body": {"errorMessage": "secret", "errorType": "RuntimeError"}}
        ),
        "good": apigateway_v1._lambda_proxy_response({"body": good})[0]["body"],
    }


def media() -> list[bool]:
    bodies.take_untyped_bodies_for_json(apigateway_v1)
    asked = ((None, "*/*"), ("", "*/*"), ("image/png", "*/*"), (None, "image/*"))
    return [apigateway_v1._media_type_matches(told, [binary]) for told, binary in asked]


def environments() -> dict[str, Any]:
    containers.keep_versions_apart(lambda_svc)
    keys = {lambda_svc._warm_pool_key("f", config(version)) for version in ("1", "2")}
    seen: list[Any] = []
    lambda_svc._spawn_lambda_container_impl = lambda *_: seen.append(
        lambda_svc._parse_docker_flags("--network host")
    )
    containers.run_functions_as_lambda_does(lambda_svc)
    lambda_svc._spawn_lambda_container_impl(config("1"), None, True)
    return {"keys": len(keys), "flags": seen[0]}


def images() -> Any:
    registry.miss_unknown_images(ecr)
    ecr._create_repository({"repositoryName": "r"})
    asked = {"repositoryName": "r", "imageIds": [{"imageTag": "none"}]}
    return [
        answer(ecr._describe_images(asked)),
        answer(ecr._describe_images(asked | {"imageIds": []})),
    ]


def access() -> dict[str, Any]:
    registry.authorise_named_repositories(iam_actions)
    registry.authorise_alias_calls(iam_actions)
    body = json.dumps({"repositoryNames": ["r"]}).encode()
    path = "/2015-03-31/functions/f/aliases"
    return {
        "repository": iam_actions._safe_json_field(body, "repositoryName"),
        "one": {m: iam_actions._lambda_action(m, f"{path}/live") for m in ("GET", "PUT", "DELETE")},
        "all": {m: iam_actions._lambda_action(m, path) for m in ("GET", "POST")},
        "function": iam_actions._lambda_action("GET", "/2015-03-31/functions/f"),
    }


def machine() -> dict[str, Any]:
    containers.let_functions_read_their_trust(tls)
    containers.stay_on_this_machine(app, lambda_svc)
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder, "server.pem")
        certificate.write_text("x")
        bundle = tls.ca_bundle_path(str(certificate))
        mode = Path(bundle).stat().st_mode & 0o777 if bundle else 0o644
    return {"bundle": mode, "443": app._port_is_bindable("127.0.0.1", 443)}


def refusals() -> list[str]:
    told = []
    attempts: tuple[Callable[[], None], ...] = (
        lambda: wrapping.check_version("1.5.34"),
        lambda: wrapping.wrap(types.ModuleType("service"), "gone", lambda original: original),
    )
    for attempt in attempts:
        try:
            attempt()
        except SystemExit as end:
            told.append(str(end.code))
    return told


wrapping.check_version(wrapping.VERSION)
PARTS = (routes, aliases, failures, media, environments, images, access, machine, refusals)
json.dump({part.__name__: part() for part in PARTS}, sys.stdout)

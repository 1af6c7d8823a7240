"""The image registry, and who may call it and the aliases."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap


def miss_unknown_images(ecr: ModuleType) -> None:
    """
    AWS answers ImageNotFoundException for an unknown tag; MiniStack answers an empty list, from
    which the CDK concludes that the image is published, and never builds it.
    """

    def describing(original: Any) -> Callable[..., Any]:
        def describe(data: Record) -> Any:
            name = data.get("repositoryName", "")
            for image in data.get("imageIds") or []:
                if name in ecr._repositories and not ecr._find_image(name, image):
                    what = f"The image with imageId {json.dumps(image)} does not exist"
                    return ecr.error_response_json("ImageNotFoundException", what, 400)
            return original(data)

        return describe

    wrap(ecr, "_describe_images", describing)


def authorise_named_repositories(iam_actions: ModuleType) -> None:
    """AWS authorises ecr:DescribeRepositories on the repositories it names; MiniStack on `*`."""

    def finding(original: Any) -> Callable[..., Any]:
        def field(body: bytes, name: str) -> Any:
            found = original(body, name)
            if found or name != "repositoryName":
                return found
            names = original(body, "repositoryNames")
            return names[0] if isinstance(names, list) and names else found

        return field

    wrap(iam_actions, "_safe_json_field", finding)


def authorise_alias_calls(iam_actions: ModuleType) -> None:
    """AWS authorises each call on an alias by its own name; MiniStack all as lambda:ListAliases."""
    named = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}

    def acting(original: Any) -> Callable[..., Any]:
        def action(method: str, path: str) -> Any:
            parts = [part for part in path.split("/") if part]
            if len(parts) > 2 and parts[-2] == "aliases" and "functions" in parts:  # noqa: PLR2004
                return named.get(method, "GetAlias")
            return original(method, path)

        return action

    wrap(iam_actions, "_lambda_action", acting)

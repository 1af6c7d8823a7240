"""Functions as containers: one version each, limited as Lambda limits them."""

import contextvars
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

from infra.local_aws.emulator.wrapping import Record, wrap


def keep_versions_apart(lambda_svc: ModuleType) -> None:
    """
    An execution environment serves one version; MiniStack shares containers between all versions of
    an image, so that a version with other variables was answered by its predecessor's container.
    """
    wrap(
        lambda_svc,
        "_warm_pool_key",
        lambda original: (
            lambda name, config: (
                f"{original(name, config)}:version:{config.get('Version', '$LATEST')}"
            )
        ),
    )


def run_functions_as_lambda_does(lambda_svc: ModuleType) -> None:
    """Lambda gives a function its MemorySize, a read-only file system and a /tmp, and no more."""
    memory = contextvars.ContextVar[int]("memory", default=128)

    def spawning(original: Any) -> Callable[..., Any]:
        def spawn(config: Record, *words: Any, **named: Any) -> Any:
            memory.set(int(config.get("MemorySize", 128)))
            return original(config, *words, **named)

        return spawn

    def parsing(original: Any) -> Callable[..., Any]:
        return lambda flags: {
            **original(flags),
            "mem_limit": f"{memory.get()}m",
            "read_only": True,
            "tmpfs": {"/tmp": "rw,size=512m,mode=1777"},  # noqa: S108 (the container's own)
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
        }

    wrap(lambda_svc, "_spawn_lambda_container_impl", spawning)
    wrap(lambda_svc, "_parse_docker_flags", parsing)


def let_functions_read_their_trust(tls: ModuleType) -> None:
    """Lambda's functions are no root; MiniStack mounts a trust store that only root may read."""

    def bundling(original: Any) -> Callable[..., Any]:
        def bundle(certificate: str) -> Any:
            path = original(certificate)
            if path:
                os.chmod(path, 0o644)  # noqa: PTH101 (MiniStack's own kind of path)
            return path

        return bundle

    wrap(tls, "ca_bundle_path", bundling)


def stay_on_this_machine(app: ModuleType, lambda_svc: ModuleType) -> None:
    """
    No fix of an answer, but of two guesses: that a container (CI's, say) holds MiniStack and not
    the engine, so that functions have no mapped port; and that port 443 is there to be taken.
    """
    wrap(lambda_svc, "_running_in_container", lambda _: lambda: False)
    wrap(app, "_port_is_bindable", lambda _: lambda *_: False)

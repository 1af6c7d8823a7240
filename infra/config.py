"""
What the CDK app is asked for, as typed values: environments, context options, a model's settings.

Every value is checked here, once; a wrong one is refused with the file, the key, the value and what
is allowed. This module reads files below one root and nothing else: no clock, no git, no network,
no process environment. So the same checkout always gives the same templates.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from infra.experiments import experiment_literal, shadow_share
from infra.extras import BATCH, QUEUE, SIGNED
from infra.lock import MODEL_NAME, Lock
from infra.public_key import read_public_keys
from infra.rules import (
    Between,
    ConfigurationError,
    Like,
    OneOf,
    Rule,
    Settings,
    Variables,
    checked,
    setting,
)
from infra.workers import BatchSettings, JobsSettings, QueueSettings

CHECKED_IN = r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._/-]*"
REPOSITORY = r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
# What a function may be told beside what its stack tells it; wherry.settings judges the values.
VARIABLES = (
    "WHERRY_DOCS", "WHERRY_SKETCH", "WHERRY_NONFINITE", "WHERRY_MAX_BODY_BYTES",
    "WHERRY_MAX_DECOMPRESSED_BYTES", "WHERRY_MAX_ANSWER_BYTES", "WHERRY_MAX_ELEMENTS",
    "WHERRY_MAX_ROWS", "WHERRY_MAX_TEXT_LENGTH",
)  # fmt: skip
# AWS's own 3.11 has too old a glibc for ONNX Runtime; but the local AWS runs ZIP functions on the
# Python that the checkout was set up with, which may be 3.11.
PYTHONS = ("3.11", "3.12", "3.13")
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One copy of everything in an account; `protected` stacks cannot be deleted by mistake."""

    name: str
    protected: bool

    def named(self, noun: str) -> str:
        """The physical name of the environment's `noun`."""
        return f"wherry-{self.name}-{noun}"


ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment(name="dev", protected=False),
        Environment(name="prod", protected=True),
    )
}


@dataclass(frozen=True, kw_only=True)
class DeploySettings(Settings):
    """The table `[deploy]` of a model.toml. API Gateway waits 29 seconds: more would be a lie."""

    TABLE = "deploy"

    memory_mb: int = setting(512, Between(128, 10_240))
    architecture: Literal["x86_64", "arm64"] = setting("x86_64", OneOf(("x86_64", "arm64")))
    packaging: Literal["image", "zip"] = setting("image", OneOf(("image", "zip")))
    timeout_seconds: int = setting(15, Between(1, 29))
    log_retention_days: int = setting(30, OneOf(LOG_RETENTION_DAYS))
    auth: Literal["api_key", "iam"] = setting("api_key", OneOf(("api_key", "iam")))
    throttle_rate: float = setting(200, Between(1, 10_000, (int, float)))
    throttle_burst: int = setting(400, Between(1, 5_000))
    slo_ms: int = setting(1_000, Between(1, 29_000))
    snap_start: bool = setting(True, OneOf((True, False)))
    public_key: str | None = setting(None, Like(CHECKED_IN, "a PEM file in the checkout"))
    environment: Mapping[str, str] = field(
        default_factory=dict, metadata={"rule": Variables(VARIABLES)}
    )


@dataclass(frozen=True, kw_only=True)
class Options:
    """
    What `cdk -c key=value` may say. A known account and region give the store literal names.

    `python` is that of the models' functions, `operations_python` that of the small ones: on the
    local AWS the former may be an image's, the latter is always MiniStack's own.
    """

    environment: Environment
    account: str | None
    region: str | None
    locks: Path | None
    packaging: Literal["image", "zip"] | None
    base_image: str | None
    python: str
    operations_python: str
    repository: str | None

    @classmethod
    def from_context(cls, get: Callable[[str], Any]) -> Self:
        def option(key: str, rule: Rule, default: str | None = None) -> Any:
            value = get(key)
            return default if value is None else checked("cdk context", key, value, rule)

        anything = Like(r"\S.*", "text")
        locks = option("locks", anything)
        python = option("python", OneOf(PYTHONS), "3.13")
        return cls(
            environment=ENVIRONMENTS[option("environment", OneOf(tuple(ENVIRONMENTS)), "dev")],
            account=option("account", Like(r"\d{12}", "12 digits")),
            region=option("region", Like(r"[a-z]{2}(-[a-z]+)+-\d", "a region's name")),
            locks=None if locks is None else Path(locks),
            packaging=option("packaging", OneOf(("image", "zip"))),
            base_image=option("base_image", Like(r"\S+", "an image reference")),
            python=python,
            operations_python=option("operations_python", OneOf(PYTHONS), python),
            repository=option("repository", Like(REPOSITORY, "owner/name")),
        )


@dataclass(frozen=True, kw_only=True)
class Release:
    """
    One model with a lock: all that its inference stack is made from.

    `experiment` is a literal; `shadow` is the share of the requests that its candidate answers too.
    `judges_outcomes`: what became of its predictions judges a rollout, so all are kept.
    """

    lock: Lock
    settings: DeploySettings
    public_keys: str = ""
    experiment: str = ""
    shadow: float = 0.0
    judges_outcomes: bool = False
    batch: BatchSettings | None = None
    queue: QueueSettings | None = None
    jobs: JobsSettings | None = None

    @property
    def extras(self) -> tuple[str, ...]:
        """What its function needs beside the rest, in the order of EXTRAS."""
        return (*self._of_model, *([QUEUE] if self.jobs else []))

    @property
    def worker_extras(self) -> tuple[str, ...]:
        """The same of its workers, which share one image; of a model without any, nothing."""
        if not (self.batch or self.queue or self.jobs):
            return ()
        return (*self._of_model, *([BATCH] if self.batch else []), QUEUE)

    @property
    def closures(self) -> set[tuple[str, ...]]:
        """What is packaged for it: an image, or a ZIP, of each."""
        return {self.extras, *([self.worker_extras] if self.worker_extras else [])}

    @property
    def _of_model(self) -> tuple[str, ...]:
        return (*self.lock.extras, *([SIGNED] if self.public_keys else []))

    @property
    def model(self) -> str:
        return self.lock.model


def releases(root: Path, options: Options) -> Iterator[Release | str]:
    """Every model in order of name: its release, or, where it has no lock, a line that says so."""
    for path in sorted(root.glob("models/*/model.toml")):
        model = checked("models", "folder", path.parent.name, Like(MODEL_NAME, "a-z, 0-9, hyphen"))
        lock = path.with_name("model.lock.json")
        if options.locks is not None:
            lock = root / options.locks / f"{model}.lock.json"
        if lock.exists():
            yield _release(root, model, path, lock, options)
        else:
            yield f"{model} has no stack: it was not published here (no {_shown(lock, root)})"


def _release(root: Path, model: str, toml: Path, lock: Path, options: Options) -> Release:
    where, told = _shown(toml, root), _parsed(toml, root, tomllib.loads)
    settings = DeploySettings.read(where, told.get("deploy", {}))
    if options.packaging is not None:
        settings = replace(settings, packaging=options.packaging)
    locked = Lock.read(_shown(lock, root), _parsed(lock, root, json.loads))
    checked(_shown(lock, root), "model", locked.model, OneOf((model,)))
    path = settings.public_key
    return Release(
        lock=locked,
        settings=settings,
        public_keys=read_public_keys(f"{where} [deploy]", root, path) if path else "",
        experiment=experiment_literal(
            where, told.get("experiment"), locked.experiment, model, locked.version
        ),
        shadow=shadow_share(where, told.get("shadow", {})),
        judges_outcomes=_judges_outcomes(told),
        batch=BatchSettings.found(where, told),
        queue=QueueSettings.found(where, told),
        jobs=JobsSettings.found(where, told),
    )


def _judges_outcomes(told: Mapping[str, Any]) -> bool:
    """Whether [rollout.judge] names an outcome; what is wrong with it is told when it is used."""
    table: Any = told
    for key in ("rollout", "judge"):
        table = table.get(key) if isinstance(table, dict) else None
    return isinstance(table, dict) and bool(table.get("outcome"))


def _parsed(path: Path, root: Path, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except ValueError as error:  # the decoders' own errors, and bytes that are not UTF-8
        kind = path.suffix.removeprefix(".").upper()
        raise ConfigurationError(
            _shown(path, root), f"it is not {kind} ({error})", "Correct it"
        ) from error


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root) if path.is_relative_to(root) else path)

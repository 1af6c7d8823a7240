"""Every setting is checked once; a wrong one is told by file, key, value and what is allowed."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.config import VARIABLES, DeploySettings, Options, Release, releases
from infra.lock import Lock
from infra.rules import ConfigurationError
from tests.infra.synth import DIGEST, LOCKS, lock_with, project
from wherry import settings


def options(**context: str) -> Options:
    return Options.from_context({"locks": str(LOCKS), **context}.get)


def release(root: Path, **context: str) -> Release:
    (found,) = releases(root, options(**context))
    assert isinstance(found, Release)
    return found


def lock(folder: Path, text: str) -> str:
    (folder / "iris.lock.json").write_text(text)
    return str(folder)


def test_an_empty_table_means_the_defaults(tmp_path: Path) -> None:
    assert release(project(tmp_path)).settings == DeploySettings(
        memory_mb=512,
        architecture="x86_64",
        packaging="image",
        timeout_seconds=15,
        log_retention_days=30,
        auth="api_key",
        throttle_rate=200,
        throttle_burst=400,
        slo_ms=1000,
        snap_start=True,
        public_key=None,
        environment={},
    )


def test_every_setting_of_the_file_is_taken(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {
        "memory_mb": 2048,
        "architecture": "arm64",
        "packaging": "zip",
        "timeout_seconds": 29,
        "log_retention_days": 365,
        "auth": "iam",
        "throttle_rate": 2.5,
        "throttle_burst": 5,
        "slo_ms": 300,
        "snap_start": False,
        "environment": {"WHERRY_MAX_ROWS": "100"},
    }
    told = {**wanted, "environment.WHERRY_MAX_ROWS": "100"}
    del told["environment"]
    deploy = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())

    assert release(project(tmp_path, deploy=deploy)).settings == DeploySettings(**wanted)


def test_a_function_may_be_told_all_that_it_asks_its_environment_for() -> None:
    asked = {name for name in settings._FORMS if name.startswith("WHERRY_")}

    # by `public_key`, which brings what checks signatures, by `slo_ms`, and by tables of their own
    pinned = {"WHERRY_PUBLIC_KEY", "WHERRY_SLO_MS", "WHERRY_SHADOW_SHARE", "WHERRY_EXPERIMENT"}
    assert set(VARIABLES) == asked - settings._REQUIRED.keys() - pinned


@pytest.mark.parametrize("extras", [(), ("image",), ("text",), ("image", "text")])
def test_a_model_gets_what_its_lock_says_that_it_needs(
    tmp_path: Path, extras: tuple[str, ...]
) -> None:
    lock_with(tmp_path, extras=list(extras))

    assert release(project(tmp_path), locks=str(tmp_path)).extras == extras


@pytest.mark.parametrize("extras", ["image", ["audio"], ["text", "image"], ["image", "image"], 1])
def test_a_lock_with_other_extras_is_refused(tmp_path: Path, extras: Any) -> None:
    lock_with(tmp_path, extras=extras)

    with pytest.raises(ConfigurationError, match="a list of any of image, text, in this order"):
        release(project(tmp_path), locks=str(tmp_path))


def test_the_command_may_choose_another_packaging(tmp_path: Path) -> None:
    assert release(project(tmp_path), packaging="zip").settings.packaging == "zip"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("memory_mb = 64", "memory_mb = 64 is not allowed. Allowed: a whole number 128 to 10240"),
        ("memory_mb = true", "memory_mb = True is not allowed."),
        (
            "environment = {WHERRY_DIGEST = 'x'}",
            "environment = {'WHERRY_DIGEST': 'x'} is not allowed. Allowed: a table",
        ),
        (
            "environment = {WHERRY_DOCS = 0}",
            "environment = {'WHERRY_DOCS': 0} is not allowed. Allowed: a table",
        ),
        (
            "environment = {PATH = 'x'}",
            "environment = {'PATH': 'x'} is not allowed. Allowed: a table",
        ),
        ("snap_start = 1", "snap_start = 1 is not allowed. Allowed: true, false"),
        ("memory_mb = 512.0", "memory_mb = 512.0 is not allowed."),
        ("memory_mb = '512'", "memory_mb = '512' is not allowed."),
        ("throttle_rate = nan", "throttle_rate = nan is not allowed. Allowed: a number 1 to 10000"),
        ("throttle_rate = inf", "throttle_rate = inf is not allowed."),
        ("timeout_seconds = 30", "timeout_seconds = 30 is not allowed."),
        ("log_retention_days = 31", "log_retention_days = 31 is not allowed. Allowed: 1, 3, 5,"),
        ("architecture = 'x86'", "architecture = 'x86' is not allowed. Allowed: x86_64, arm64"),
        ("packaging = ['zip']", "packaging = ['zip'] is not allowed. Allowed: image, zip"),
        ("auth = 'none'", "auth = 'none' is not allowed. Allowed: api_key, iam"),
        ("slo_ms = 0", "slo_ms = 0 is not allowed."),
        ("memory = 512", "memory is no known key. Allowed: memory_mb, architecture,"),
    ],
)
def test_a_wrong_setting_names_file_key_value_and_what_is_allowed(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        release(project(tmp_path, deploy=line))

    assert str(refused.value).startswith(f"models/iris/model.toml [deploy]: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[deploy\n", "models/iris/model.toml: it is not TOML (Expected ']'"),
        ("deploy = 3\n", "models/iris/model.toml [deploy]: it is no table."),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    root = project(tmp_path)
    (root / "models/iris/model.toml").write_text(text)

    with pytest.raises(ConfigurationError) as refused:
        release(root)

    assert str(refused.value).startswith(told)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "models/iris/model.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match=r"models/iris/model.toml: it is not TOML"):
        release(root)


def test_tables_of_other_owners_are_not_judged(tmp_path: Path) -> None:
    root = project(tmp_path, deploy="[train]\nestimator = 'anything'")

    assert release(root).settings == DeploySettings()


def test_the_lock_names_the_artifact(tmp_path: Path) -> None:
    assert release(project(tmp_path)).lock == Lock(
        schema_version=1, model="iris", version=3, digest=DIGEST
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"digest": "latest"}, "digest = 'latest' is not allowed. Allowed: sha256: and 64 hex"),
        ({"digest": DIGEST + "0"}, "digest = "),
        ({"version": 0}, "version = 0 is not allowed."),
        ({"model": "digits"}, "model = 'digits' is not allowed. Allowed: iris"),
        ({"schema_version": 2}, "schema_version = 2 is not allowed. Allowed: 1"),
        ({"version": None}, "version = None is not allowed."),
        ({"when": "now"}, "when is no known key."),
    ],
)
def test_a_wrong_lock_is_refused(tmp_path: Path, change: dict[str, object], told: str) -> None:
    good = {"schema_version": 1, "model": "iris", "version": 3, "digest": DIGEST}
    locks = lock(tmp_path, json.dumps({**good, **change}))

    with pytest.raises(ConfigurationError) as refused:
        release(project(tmp_path), locks=locks)

    assert f"iris.lock.json: {told}" in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_lock_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"iris.lock.json: it is no"):
        release(project(tmp_path), locks=lock(tmp_path, text))


@pytest.mark.parametrize("name", ["Iris", "iris_2", "store", "operations", "ci", "1st", "x" * 41])
def test_a_folder_that_can_be_no_stack_or_function_is_refused(tmp_path: Path, name: str) -> None:
    root = project(tmp_path)
    (root / "models/iris").rename(root / "models" / name)

    with pytest.raises(ConfigurationError, match=f"models: folder = '{name}' is not allowed"):
        list(releases(root, options()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("environment", "stage"),
        ("packaging", "wheel"),
        ("python", "3.10"),
        ("repository", "owner"),
        ("repository", "owner/na me"),
        ("account", "1234"),
        ("region", "here"),
        ("base_image", ""),
        ("locks", ""),
    ],
)
def test_a_wrong_context_value_is_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cdk context: {key} = '{value}' is not allowed"):
        options(**{key: value})


def test_without_context_it_is_dev_and_nobody_s_repository() -> None:
    found = Options.from_context(dict[str, Any]().get)

    assert found.environment.name == "dev"
    assert (found.locks, found.packaging, found.base_image, found.repository) == (None,) * 4
    assert found.python == "3.13"

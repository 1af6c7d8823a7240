"""A release that pins a public key carries it as a literal, and what checks signatures."""

from pathlib import Path

import pytest

from infra import public_key
from infra.config import Options, Release, releases
from infra.extras import EXTRAS, LOCKED
from infra.rules import ConfigurationError
from tests.infra.synth import LOCKS, Template, function, project, synth
from tests.support.signing import a_key
from wherry import signature
from wherry.settings import public_keys
from wherry_control.signing.keys import write_public

DEPLOY = 'public_key = "keys/wherry.pub"'


def pinned(root: Path, *numbers: int) -> Path:
    """A checkout whose model pins these keys, in one file."""
    project(root, deploy=DEPLOY)
    text = ""
    for number in numbers:
        file = root / "keys" / f"{number}.pub"
        write_public(file, a_key(number).public_key)
        text += file.read_text()
    (root / "keys").mkdir(exist_ok=True)
    (root / "keys" / "wherry.pub").write_text(text)
    for name in ("wheels/signed", "zip/signed"):
        (root / "build" / name).mkdir(parents=True)
        (root / "build" / name / "file").write_text("")
    return root


def release(root: Path) -> Release:
    [found] = releases(root, Options.from_context({"locks": str(LOCKS)}.get))
    assert isinstance(found, Release)
    return found


def test_the_function_is_told_the_keys_of_the_file(tmp_path: Path) -> None:
    """As its settings read them, all of a rotation."""
    told = release(pinned(tmp_path, 1, 2)).public_keys

    assert public_keys(told) == (a_key(1).public_key, a_key(2).public_key)


@pytest.mark.parametrize("packaging", ["image", "zip"])
def test_a_pinned_key_is_a_literal_of_the_template(
    tmp_path: Path, packaging: str, inference: Template
) -> None:
    """So another key is another version, and none is none."""
    template = synth(pinned(tmp_path, 1), packaging=packaging)["Wherry-dev-iris"]

    variables = function(template)["Environment"]["Variables"]
    assert variables["WHERRY_PUBLIC_KEY"] == str(a_key(1).public_key)
    assert "WHERRY_PUBLIC_KEY" not in function(inference)["Environment"]["Variables"]


def test_only_a_release_that_pins_a_key_carries_what_checks_signatures(tmp_path: Path) -> None:
    """Cryptography is 10 MB; the artifact does not ask for it, the setting does."""
    plain = project(tmp_path / "plain")

    assert release(pinned(tmp_path / "pinned", 1)).extras == ("signed",)
    assert release(plain).extras == ()


def test_its_wheels_are_asked_for_by_name(tmp_path: Path) -> None:
    """Where they are not built yet."""
    root = pinned(tmp_path, 1)
    (root / "build/wheels/signed/file").unlink()

    with pytest.raises(ConfigurationError, match="wheels --extra signed"):
        synth(root)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no public key"),
        ("ü", "cannot be read"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no public key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "not on the curve"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\nx", "holds no public key"),
    ],
)
def test_what_is_no_key_is_told_by_file_and_setting(tmp_path: Path, text: str, why: str) -> None:
    """At synth, and not by a function that does not start."""
    (pinned(tmp_path) / "keys/wherry.pub").write_text(text)

    with pytest.raises(ConfigurationError, match=f"keys/wherry.pub.*{why}") as caught:
        release(tmp_path)

    assert caught.value.where == "models/iris/model.toml [deploy]"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With the command that makes one."""
    with pytest.raises(ConfigurationError, match=r"cannot be read\. `wherry keys make`"):
        release(project(tmp_path, deploy=DEPLOY))


@pytest.mark.parametrize("path", ["../keys/a.pub", "/etc/a.pub", "", "keys/../../a"])
def test_a_key_lies_in_the_checkout(tmp_path: Path, path: str) -> None:
    """The same checkout always gives the same template."""
    with pytest.raises(ConfigurationError, match="Allowed: a PEM file in the checkout"):
        release(project(tmp_path, deploy=f'public_key = "{path}"'))


def test_the_app_knows_the_form_that_the_function_reads() -> None:
    """The two do not import each other."""
    assert (public_key.P256, public_key.BYTES) == (signature.P256, signature.P256_BYTES)


def test_every_extra_reaches_the_image() -> None:
    """Its lock is let through into the context of the build."""
    ignored = (Path(__file__).resolve().parents[2] / ".dockerignore").read_text().split()

    assert {f"!requirements/{name}.txt" for name in EXTRAS} <= set(ignored)
    assert set(LOCKED) < set(EXTRAS)

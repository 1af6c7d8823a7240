"""A release that pins a key starts with what that key signed, and with nothing else."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.packaging import build_zip
from tests.support.events import Call, rest_api_v1
from tests.support.lambda_process import invoke, python
from tests.support.onnx_models import scaled
from tests.support.services import published
from tests.support.signing import a_key
from tests.support.stores import NOW
from wherry.errors import IntegrityError, MissingArtifactError
from wherry.service import load_service
from wherry.settings import Settings
from wherry.store import ModelStore
from wherry_control.signing import sign

ROOT = Path(__file__).resolve().parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
KEY = a_key().public_key
FLIPS = 64  # bytes of each file, beside its first and last ones
START = "import functions.inference.api, sys; print('cryptography' in sys.modules)"


def signed_release(store: Path, factor: float = 2.0) -> dict[str, str]:
    """The environment of a release that pins KEY, whose version KEY signed."""
    artifact = scaled(factor)
    environment = published(store, artifact)
    opened = ModelStore.open(str(store))
    sign(opened, artifact, opened.publish(artifact, now=NOW), a_key())
    return {**environment, "WHERRY_PUBLIC_KEY": str(KEY)}


def load(environment: Mapping[str, str]) -> None:
    load_service(Settings.from_environment(environment))


def envelopes(store: Path) -> list[Path]:
    return sorted(store.glob("artifacts/sha256/*/signatures/*"))


def test_a_function_that_pins_the_key_answers(tmp_path: Path) -> None:
    """The very handler, in an interpreter of its own."""
    body = b'{"f0": 1, "f1": 2, "f2": 3, "f3": 4}'
    event = rest_api_v1(Call("POST", "/predict/tiny", body))

    told = invoke([event], signed_release(tmp_path / "store"), tmp_path)

    assert told.replies[0]["statusCode"] == 200


def test_a_function_with_an_unsigned_model_does_not_start(tmp_path: Path) -> None:
    """So a rollout never gets to send it traffic."""
    environment = {**published(tmp_path / "store"), "WHERRY_PUBLIC_KEY": str(KEY)}

    done = python(START, environment=environment)

    assert done.returncode != 0
    assert "tiny version 1: it has no signature by a pinned key" in done.stderr
    assert "wherry publish tiny --sign KEY" in done.stderr


def test_what_checks_signatures_is_imported_only_where_a_key_is_pinned(tmp_path: Path) -> None:
    """Nobody else pays for it in a cold start."""
    pinned = signed_release(tmp_path / "store")
    plain = {name: told for name, told in pinned.items() if name != "WHERRY_PUBLIC_KEY"}

    assert python(START, environment=pinned).stdout.split() == ["True"]
    assert python(START, environment=plain).stdout.split() == ["False"]


def test_a_function_without_what_checks_signatures_says_what_to_set(tmp_path: Path) -> None:
    """A key that was pinned by hand, in a function that was built without it."""
    without = "import sys; sys.modules['cryptography'] = None\n"

    done = python(without + START, environment=signed_release(tmp_path / "store"))

    assert done.returncode != 0
    assert (
        "WHERRY_PUBLIC_KEY: a key is pinned, and this function has no cryptography" in done.stderr
    )
    assert "`public_key` under [deploy]" in done.stderr


def test_the_extra_is_all_that_it_takes(tmp_path: Path) -> None:
    """The tree of a ZIP function, trimmed, with nothing else installed."""
    tree = build_zip(ROOT, python=PYTHON, extras=("signed",))

    done = subprocess.run(
        [sys.executable, "-S", "-c", START],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(tree.folder),
            **signed_release(tmp_path / "store"),
        },
        cwd=tree.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.split() == ["True"], done.stderr


def test_no_bit_of_artifact_or_signature_can_be_flipped(tmp_path: Path) -> None:
    """In every region of every file that a function reads: its first and last bytes, and more."""
    environment = signed_release(tmp_path / "store")
    load(environment)
    chance = random.Random(7)  # noqa: S311 - the same places each time
    files = [path for path in (tmp_path / "store" / "artifacts").rglob("*") if path.is_file()]
    assert {path.name.partition(".")[0] for path in files} == {"manifest", "model", "tiny"}

    for path in files:
        sound = path.read_bytes()
        edges = {0, 1, len(sound) - 2, len(sound) - 1}
        for place in edges | {chance.randrange(len(sound)) for _ in range(FLIPS)}:
            flipped = bytearray(sound)
            flipped[place] ^= 1 << chance.randrange(8)
            path.write_bytes(flipped)
            with pytest.raises(IntegrityError):
                load(environment)
        path.write_bytes(sound)
    load(environment)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_no_file_can_be_cut_short(tmp_path: Path, keep: int) -> None:
    """As a copy that was interrupted leaves it."""
    environment = signed_release(tmp_path / "store")

    for path in [path for path in (tmp_path / "store" / "artifacts").rglob("*") if path.is_file()]:
        sound = path.read_bytes()
        path.write_bytes(sound[:keep])
        with pytest.raises(IntegrityError):
            load(environment)
        path.write_bytes(sound)


def test_a_signature_copied_to_another_artifact_is_refused(tmp_path: Path) -> None:
    """The version is signed, and these are not the bytes that it was signed for."""
    signed_release(tmp_path / "store")
    [envelope] = envelopes(tmp_path / "store")
    other = {**published(tmp_path / "store", scaled(3.0)), "WHERRY_PUBLIC_KEY": str(KEY)}
    folder = tmp_path / "store/artifacts/sha256" / other["WHERRY_DIGEST"][7:] / "signatures"
    folder.mkdir()
    shutil.copy(envelope, folder / envelope.name.replace("00000001", "00000002"))

    with pytest.raises(IntegrityError, match="it is for tiny version 1"):
        load(other)


def test_a_signature_of_one_version_does_not_load_as_another(tmp_path: Path) -> None:
    """Somebody who can set a function's version cannot play an old one as a new one."""
    environment = signed_release(tmp_path / "store")
    [envelope] = envelopes(tmp_path / "store")
    shutil.copy(envelope, envelope.with_name(envelope.name.replace("00000001", "00000002")))

    with pytest.raises(IntegrityError, match=r"it is for tiny version 1 .*, not for this one"):
        load({**environment, "WHERRY_MODEL_VERSION": "2"})


def test_files_swapped_between_signed_versions_are_refused(tmp_path: Path) -> None:
    """Each of them was signed, but not together."""
    first, second = (signed_release(tmp_path / "store", factor) for factor in (2.0, 3.0))
    one, two = (
        tmp_path / "store/artifacts/sha256" / told["WHERRY_DIGEST"][7:] for told in (first, second)
    )

    for name in ("model.onnx", "manifest.json"):
        sound = (one / name).read_bytes()
        shutil.copy(two / name, one / name)
        with pytest.raises(IntegrityError, match=name):
            load(first)
        (one / name).write_bytes(sound)
    load(first)


def test_a_whole_artifact_of_another_digest_is_refused(tmp_path: Path) -> None:
    """Older, signed, complete: but not the one that is pinned."""
    first, second = (signed_release(tmp_path / "store", factor) for factor in (2.0, 3.0))
    places = tmp_path / "store" / "artifacts" / "sha256"
    shutil.rmtree(places / second["WHERRY_DIGEST"][7:])
    shutil.copytree(places / first["WHERRY_DIGEST"][7:], places / second["WHERRY_DIGEST"][7:])

    with pytest.raises(IntegrityError, match="its digest is"):
        load(second)


def test_an_artifact_that_is_gone_is_missed(tmp_path: Path) -> None:
    """Its signature alone is worth nothing."""
    environment = signed_release(tmp_path / "store")
    for path in (tmp_path / "store" / "artifacts").glob("sha256/*/*.*"):
        path.unlink()

    with pytest.raises(MissingArtifactError, match="no artifact"):
        load(environment)

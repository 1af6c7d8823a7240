"""A manifest says more than it did, and one of before still says what it said."""

import hashlib
import json

import msgspec
import pytest

from tests.support.stores import an_artifact
from wherry.artifact import Artifact
from wherry.errors import IntegrityError
from wherry.manifest import (
    MANIFEST,
    Baselines,
    CategoryHistogram,
    Manifest,
    NumberHistogram,
    SourceInfo,
)

LATER = ("source", "variant", "baselines", "licence")


def test_a_manifest_of_an_older_wherry_still_loads() -> None:
    """Its digest is of its bytes as they were, and what it does not say is as it was."""
    artifact = an_artifact()
    told = json.loads(artifact.files[MANIFEST])
    for key in LATER:
        del told[key]
    told["parity"] = {key: told["parity"][key] for key in (
        "rows", "label_agreement", "max_absolute_error", "tolerance",
    )}  # fmt: skip
    old = json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    loaded = Artifact.verified(
        f"sha256:{hashlib.sha256(old).hexdigest()}", {**artifact.files, MANIFEST: old}
    )

    assert loaded.manifest == artifact.manifest


def test_all_that_a_manifest_can_say_comes_back_as_it_was() -> None:
    """Canonical JSON, there and back."""
    baselines = Baselines(
        rows=4,
        inputs={
            "age": NumberHistogram(edges=(0.1, 2.5), counts=(1, 2, 0), missing=1),
            "city": CategoryHistogram(categories=("Oslo", ""), counts=(2, 1), other=1),
        },
        outputs={},
    )
    manifest = msgspec.structs.replace(
        an_artifact().manifest,
        task="other",
        training_data_sha256=None,
        source=SourceInfo(kind="xgboost", file="m.json", sha256="0" * 64, notes=("a", "b")),
        variant="dynamic_int8",
        baselines=baselines,
        licence="Apache-2.0",
    )

    again = Manifest.from_bytes(manifest.to_bytes())

    assert again == manifest
    assert again.to_bytes() == manifest.to_bytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("task", "ranking"),
        ("training_data_sha256", "short"),
        ("source", {"kind": "x", "who": "me"}),
        ("baselines", {"rows": 1, "inputs": {"x": {"kind": "bytes"}}, "outputs": {}}),
    ],
)
def test_what_this_wherry_does_not_know_is_refused(field: str, value: object) -> None:
    """Nothing is half understood."""
    told = {**json.loads(an_artifact().files[MANIFEST]), field: value}

    with pytest.raises(IntegrityError, match="Publish the model again with this Wherry"):
        Manifest.from_bytes(json.dumps(told).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"model":"\xe1"}'])
def test_what_is_no_manifest_is_told(data: bytes) -> None:
    """Bytes that are no text too."""
    with pytest.raises(IntegrityError, match=r"manifest\.json"):
        Manifest.from_bytes(data)

"""A published version verified: each part is told, and nothing altered is run."""

import pytest

from tests.support.onnx_models import scaled_with_golden
from tests.support.signing import a_key, a_signed_version
from tests.support.stores import NOW, altered, an_artifact, plant
from wherry.artifact import Artifact
from wherry.errors import RefusedError
from wherry.manifest import GOLDEN, MANIFEST, MODEL
from wherry.store import ModelStore, ModelVersion
from wherry.store.settings import open_objects
from wherry_control.artifacts.verifying import Check, verify


def two(_: Artifact) -> int:
    return 2


def states(checks: list[Check]) -> dict[str, str]:
    return {check.what: check.state for check in checks}


def test_a_sound_signed_version_is_sound_in_every_part() -> None:
    """Each file, the signature, the model, the examples."""
    signed = a_signed_version(scaled_with_golden())

    checks = verify(signed.store, signed.version, [a_key().public_key], two)

    assert states(checks) == dict.fromkeys(
        [MANIFEST, GOLDEN, MODEL, "signature", "model", "golden examples"], "sound"
    )
    assert checks[-1].told == "2 answered as expected"


def test_without_a_key_a_signature_is_told_and_not_taken_for_sound() -> None:
    """Anybody can store one."""
    signed = a_signed_version(scaled_with_golden())
    unsigned = ModelStore.open("memory://")
    version = unsigned.publish(scaled_with_golden(), now=NOW)

    [told] = [
        each for each in verify(signed.store, signed.version, [], two) if each.what == "signature"
    ]
    [none] = [each for each in verify(unsigned, version, [], two) if each.what == "signature"]

    assert (told.state, none.state) == ("not checked", "not checked")
    assert a_key().public_key.id[:12] in told.told
    assert none.told == "there is none"


def test_a_wrong_key_is_wrong() -> None:
    """All else may still be sound."""
    signed = a_signed_version(scaled_with_golden())

    told = states(verify(signed.store, signed.version, [a_key(2).public_key], two))

    assert told["signature"] == "wrong"
    assert told["model"] == "sound"


@pytest.mark.parametrize("name", [MODEL, GOLDEN, MANIFEST])
def test_an_altered_file_is_named_and_nothing_is_run(name: str) -> None:
    """The other files are told too."""
    artifact = scaled_with_golden()
    objects = open_objects("memory://", {})
    plant(objects, artifact.digest, {**artifact.files, name: altered(artifact.files[name])})
    version = ModelVersion("tiny", 1, artifact.digest, NOW)

    def never(_: Artifact) -> int:
        raise AssertionError

    told = states(verify(ModelStore(objects, "store"), version, [], never))

    assert [what for what, state in told.items() if state == "wrong"] == [name]
    assert told["signature"] == told["model"] == told["golden examples"] == "not checked"
    assert (len(told) == 6) == (name != MANIFEST)


def test_an_artifact_of_another_model_under_this_name_is_wrong() -> None:
    """A record that was pointed elsewhere."""
    store = ModelStore.open("memory://")
    digest = store.publish(scaled_with_golden(), now=NOW).digest

    told = verify(store, ModelVersion("iris", 1, digest, NOW), [], two)

    assert told[0] == Check(MANIFEST, "wrong", "it is of model tiny")


def test_a_model_that_does_not_load_is_wrong() -> None:
    """Its bytes are the published ones, and no model."""
    signed = a_signed_version(an_artifact())

    told = states(verify(signed.store, signed.version, [], two))

    assert (told[MODEL], told["model"]) == ("sound", "wrong")
    assert told["golden examples"] == "not checked"


def test_a_golden_example_that_fails_is_wrong() -> None:
    """What it says is passed on."""
    signed = a_signed_version(scaled_with_golden())

    def fails(_: Artifact) -> int:
        raise RefusedError("example 'a'", "prediction is 1, where 2 is expected")

    assert verify(signed.store, signed.version, [], fails)[-1] == Check(
        "golden examples", "wrong", "prediction is 1, where 2 is expected"
    )

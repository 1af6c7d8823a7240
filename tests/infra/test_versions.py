"""What publishes another version of a function, and what makes another image."""

from pathlib import Path

import pytest

from tests.infra.synth import DIGEST, Template, function, lock_with, project, synth, versions


def test_another_artifact_alone_publishes_another_version(
    tmp_path: Path, inference: Template
) -> None:
    lock_with(tmp_path, version=4, digest="sha256:" + "2" * 64)

    other = synth(project(tmp_path), locks=str(tmp_path))["Wherry-dev-iris"]

    assert function(other)["Code"] == function(inference)["Code"]
    assert set(versions(other)).isdisjoint(versions(inference))
    assert set(other["Resources"]) - set(inference["Resources"]) == set(versions(other))


def test_other_code_alone_publishes_another_version(tmp_path: Path) -> None:
    one = synth(project(tmp_path / "one"), packaging="zip")["Wherry-dev-iris"]
    other = synth(project(tmp_path / "other", code="handler = 1\n"), packaging="zip")

    assert set(versions(one)).isdisjoint(versions(other["Wherry-dev-iris"]))


def test_a_version_names_its_artifact_and_outlives_the_next_template(inference: Template) -> None:
    (version,) = versions(inference).values()

    assert version["Properties"]["Description"] == f"iris version 3 {DIGEST}"
    assert version["DeletionPolicy"] == "RetainExceptOnCreate"
    assert version["UpdateReplacePolicy"] == "Retain"


def test_an_image_is_built_from_the_checkout_for_the_model_s_architecture(
    inference: Template,
) -> None:
    served = function(inference)

    assert served["PackageType"] == "Image"
    assert served["Architectures"] == ["x86_64"]
    assert "Runtime" not in served


def test_another_base_image_is_another_image(tmp_path: Path, inference: Template) -> None:
    other = synth(project(tmp_path), base_image="localhost/base:1")["Wherry-dev-iris"]

    assert function(other)["Code"] != function(inference)["Code"]


def test_a_model_of_images_has_an_image_of_its_own_and_changes_no_other(
    tmp_path: Path, inference: Template
) -> None:
    plain = project(tmp_path / "plain")
    (plain / "build/wheels/image").mkdir()
    (plain / "build/wheels/image/pillow.whl").write_text("")
    of_images = project(tmp_path / "images")
    (of_images / "build/wheels/image").mkdir()
    (of_images / "build/wheels/image/pillow.whl").write_text("")
    lock_with(tmp_path, extras=["image"])
    other = synth(of_images, locks=str(tmp_path))

    assert function(synth(plain)["Wherry-dev-iris"])["Code"] == function(inference)["Code"]
    assert function(other["Wherry-dev-iris"])["Code"] != function(inference)["Code"]


def test_the_wheels_of_an_extra_are_asked_for_by_its_name(tmp_path: Path) -> None:
    lock_with(tmp_path, extras=["image"])

    with pytest.raises(Exception, match="wheels --extra image"):
        synth(project(tmp_path), locks=str(tmp_path))

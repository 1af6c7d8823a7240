"""The daily local AWS, by the commands that a user types: plain HTTP, `--target local`."""

import shutil

import pytest

from tests.e2e.conftest import free_port
from tests.support.project import Project

pytestmark = pytest.mark.e2e


@pytest.mark.usefixtures("base_image")
def test_the_demo_comes_to_its_end_and_cleans_up(elsewhere: Project) -> None:
    done = elsewhere.wherry("demo", "--port", str(free_port()), timeout=580)

    told = {leg["step"]: leg["outcome"] for leg in done}
    assert told["start a local AWS"].endswith("image functions")
    assert told["promote release 2"] == "live: release 2 100 %"
    assert told["roll back"] == "live: release 1 100 %"
    assert told["the whole voyage"] == "done"
    assert elsewhere.wherry("local", "status")["running"] is False


def test_the_demo_refuses_to_throw_away_work(elsewhere: Project) -> None:
    (elsewhere.root / ".wherry/local/state").mkdir(parents=True)

    done = elsewhere.run("demo")

    assert done.code == 2
    assert "holds work of yours" in done.err
    assert (elsewhere.root / ".wherry/local/state").is_dir()


def test_without_an_engine_the_same_handler_is_deployed_as_zip(elsewhere: Project) -> None:
    """Packaging as ZIP is chosen here by option, as it is by itself where no engine is found."""
    shutil.rmtree(elsewhere.root / "models/digits")
    port = str(free_port())
    elsewhere.wherry("local", "up", "--packaging", "zip", "--forget", "--port", port)
    try:
        elsewhere.wherry("deploy", "--bootstrap", "--store")
        elsewhere.wherry("train", "iris")
        elsewhere.wherry("prepare", "iris")
        digest = elsewhere.wherry("publish", "iris", "--target", "local")["digest"]
        elsewhere.wherry("deploy", "iris")

        told = elsewhere.wherry("predict", "iris")

        assert told["digest"] == digest
        assert told["outputs"][0]["data"] == ["setosa"]
    finally:
        elsewhere.wherry("local", "down")

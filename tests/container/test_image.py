"""The image, really built and run as Lambda runs it: 512 MB, read-only root, no privileges."""

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local_aws.engine import Engine, reproducible_flags
from infra.packaging import BuiltImage, build_image
from infra.packaging.image import DOCKERFILE
from tests.container.conftest import Published
from tests.support.containers import ROOT, Container, running
from tests.support.events import Call, rest_api_v1
from wherry.errors import ToolError

pytestmark = pytest.mark.container

INFER = "/v2/models/tiny/infer"
LARGEST_MB = 110  # of all that is not the base
NEVER = (
    "sklearn", "torch", "pandas", "sympy", "boto3", "typer", "rich", "PIL", "tokenizers", "cli",
    "infra", "models", "wherry_control",
)  # fmt: skip


def request(*rows: list[float]) -> bytes:
    tensor = {"name": "features", "datatype": "FP32", "shape": [len(rows), 4], "data": rows}
    return json.dumps({"inputs": [tensor]}).encode()


def test_a_rest_api_event_is_answered_with_a_prediction(
    function: Container, published: Published
) -> None:
    event = rest_api_v1(Call("POST", INFER, request([1, 2, 3, 4], [0, 0, 0, 1])))

    reply = function.invoke(event)

    assert reply["statusCode"] == 200, reply
    outputs = {output["name"]: output["data"] for output in json.loads(reply["body"])["outputs"]}
    assert outputs["prediction"] == [20.0, 2.0]
    assert reply["headers"]["x-wherry-digest"] == published.artifact.digest


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (INFER, b"{", 400),
        (INFER, b'{"inputs": []}', 400),
        (INFER, request([1, 2, 3]), 400),
        ("/v2/models/other/infer", request([1, 2, 3, 4]), 404),
    ],
    ids=["no JSON", "no inputs", "wrong shape", "unknown model"],
)
def test_bad_input_gets_the_protocols_own_error(
    function: Container, path: str, body: bytes, status: int
) -> None:
    reply = function.invoke(rest_api_v1(Call("POST", path, body)))

    assert reply["statusCode"] == status, reply
    assert isinstance(json.loads(reply["body"])["error"], str)


def test_only_tmp_can_be_written_and_nobody_is_root(function: Container) -> None:
    tried = function.python(
        "import json, os\n"
        "def can(path):\n"
        "    try: open(path, 'w').close()\n"
        "    except OSError: return False\n"
        "    return True\n"
        "paths = ['/x', '/var/task/x', '/opt/python/x', '/usr/x', '/tmp/x']\n"
        "print(json.dumps([os.getuid(), os.getgid(), [p for p in paths if can(p)]]))"
    )

    user, group, written = json.loads(tried)

    assert user != 0
    assert group != 0
    assert written == ["/tmp/x"]


def test_it_serves_within_its_memory_and_gets_no_more(function: Container) -> None:
    """What asks for more than the function has is ended, here as on Lambda."""
    reply = function.invoke(rest_api_v1(Call("POST", INFER, request([1, 2, 3, 4]))))
    assert reply["statusCode"] == 200

    with pytest.raises(ToolError, match="137"):
        function.python("bytearray(700 * 1024 * 1024)")


def test_an_altered_artifact_is_refused_at_the_start(
    engine: Engine, image: BuiltImage, published: Published
) -> None:
    """A function whose bytes are not the pinned ones never serves, whatever it is asked."""
    (model,) = published.store.rglob("model.onnx")
    data = bytearray(model.read_bytes())
    data[-1] ^= 1
    model.chmod(0o644)
    model.write_bytes(data)

    with running(engine, image.name, published.environment, store=published.store) as container:
        reply = container.invoke(rest_api_v1(Call("POST", INFER, request([1, 2, 3, 4]))))
        said = container.logs()

    assert "statusCode" not in reply, reply
    assert "SHA-256" in f"{reply}{said}"


def test_a_digest_that_nobody_published_is_refused_at_the_start(
    engine: Engine, image: BuiltImage, published: Published
) -> None:
    wrong = published.environment | {"WHERRY_DIGEST": f"sha256:{'0' * 64}"}

    with running(engine, image.name, wrong, store=published.store) as container:
        reply = container.invoke(rest_api_v1(Call("POST", INFER, request([1, 2, 3, 4]))))

    assert "statusCode" not in reply, reply


def test_the_same_context_gives_the_same_digest_twice(
    engine: Engine, base_image: str, image: BuiltImage
) -> None:
    again = build_image(ROOT, engine, base_image, name="localhost/wherry-test:again", cache=False)

    assert again.digest == image.digest


def test_buildah_builds_it_too(engine: Engine, base_image: str, image: BuiltImage) -> None:
    """From the layers on: who built it stands in the image's own label."""
    if not shutil.which("buildah"):
        if os.environ.get("WHERRY_REQUIRE_CONTAINERS"):
            pytest.fail("buildah is not installed")
        pytest.skip("buildah is not installed")
    buildah = replace(engine, command=("buildah", *engine.command[1:]))
    name = "localhost/wherry-test:buildah"

    buildah.run(
        "build", "--layers", *reproducible_flags("podman"),
        "--build-arg", f"BASE_IMAGE={base_image}",
        "--file", str(ROOT / DOCKERFILE), "--tag", name, str(ROOT),
    )  # fmt: skip

    assert layers(engine, name) == layers(engine, image.name)


def layers(engine: Engine, name: str) -> list[str]:
    told = json.loads(engine.run("image", "inspect", name))[0]
    found: list[str] = told["RootFS"]["Layers"]
    return found


def test_what_it_adds_to_the_base_is_small(
    function: Container, image: BuiltImage, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = function.python(
        "import pathlib as p\n"
        "files = [f for d in ('/opt/python', '/var/task') for f in p.Path(d).rglob('*')]\n"
        "print(sum(f.stat().st_size for f in files if f.is_file()))"
    )
    with capsys.disabled():
        added, whole = int(counted) / 1e6, image.bytes / 1e6
        sys.stdout.write(f"\nimage: {whole:.0f} MB, of them {added:.1f} ours; {image.digest}\n")

    assert int(counted) <= LARGEST_MB * 1e6


def test_nothing_that_a_prediction_does_not_need_can_be_imported(function: Container) -> None:
    found = function.python(
        "import importlib.util as u\n"
        f"print([n for n in {NEVER} if u.find_spec(n)], u.find_spec('onnxruntime').name)"
    )

    assert found.strip() == "[] onnxruntime"


def test_the_image_of_another_model_differs_in_one_layer(
    engine: Engine, image: BuiltImage, image_for_images: BuiltImage, published: Published
) -> None:
    """Pillow's: what is large is kept, pulled and cached once for both."""
    one, other = layers(engine, image.name), layers(engine, image_for_images.name)

    assert len(one) == len(other)
    assert sum(mine != theirs for mine, theirs in zip(one, other, strict=True)) == 1
    with running(
        engine, image_for_images.name, published.environment, store=published.store
    ) as container:
        assert container.python("import PIL; print(PIL.__name__)").strip() == "PIL"


def test_our_code_in_it_is_the_function_and_the_data_plane_alone(function: Container) -> None:
    """The allow-list at work: no test, no command, no training code, no secret of the checkout."""
    found = function.python(
        "import json, pathlib as p\n"
        "task = [str(f.relative_to('/var/task')) for f in p.Path('/var/task').rglob('*.py')]\n"
        "wherry = [f.name for f in p.Path('/opt/python/wherry').rglob('*.py')]\n"
        "print(json.dumps([sorted(task), sorted(wherry)]))"
    )

    task, wherry = json.loads(found)

    assert task == sorted(
        str(path.relative_to(ROOT))
        for path in [ROOT / "functions/__init__.py", *(ROOT / "functions/inference").glob("*.py")]
    )
    assert wherry == sorted(
        path.name for path in Path(ROOT, "layers/runtime/python/wherry").rglob("*.py")
    )


def test_every_module_is_compiled_for_good(function: Container) -> None:
    """A read-only root cannot keep what Python compiles, and file times may differ: T14."""
    missing = function.python(
        "import importlib.util as u, pathlib as p\n"
        "for f in [*p.Path('/opt/python').rglob('*.py'), *p.Path('/var/task').rglob('*.py')]:\n"
        "    c = p.Path(u.cache_from_source(str(f)))\n"
        "    if not c.exists() or c.read_bytes()[4:8] != bytes([1, 0, 0, 0]): print(f)"
    )

    assert missing == ""

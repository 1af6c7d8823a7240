"""The messages are the published ones, and the committed modules are what the proto generates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wherry_control.grpc import open_inference_grpc_pb2 as v2

FOLDER = Path(v2.__file__).parent
PROTO = "open_inference_grpc.proto"

# In a process of its own: one process holds no two messages of the same name.
TRITONS = """
import json
from tritonclient.grpc import service_pb2
def fields(message):
    yield message.full_name, {
        field.name: [field.number, field.type, field.is_repeated] for field in message.fields
    }
    for nested in message.nested_types:
        yield from fields(nested)
messages = service_pb2.DESCRIPTOR.message_types_by_name.values()
print(json.dumps({name: told for message in messages for name, told in fields(message)}))
"""


def fields(message: Any) -> dict[str, dict[str, list[Any]]]:
    """Number, type and label of each field, of a message and of those inside it."""
    own = {field.name: [field.number, field.type, field.is_repeated] for field in message.fields}
    told = {message.full_name: own}
    for nested in message.nested_types:
        told |= fields(nested)
    return told


@pytest.fixture(scope="module")
def tritons() -> dict[str, dict[str, list[Any]]]:
    done = subprocess.run(
        [sys.executable, "-c", TRITONS], capture_output=True, text=True, check=True
    )
    told: dict[str, dict[str, list[Any]]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("name", v2.DESCRIPTOR.message_types_by_name)
def test_a_message_is_on_the_wire_what_tritons_is(
    name: str, tritons: dict[str, dict[str, list[Any]]]
) -> None:
    """Triton's has fields of its own beside the protocol's; none of ours differs from its."""
    for message, ours in fields(v2.DESCRIPTOR.message_types_by_name[name]).items():
        assert ours.items() <= tritons[message].items()


def test_the_committed_modules_are_what_the_proto_generates(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable, "-m", "grpc_tools.protoc", f"-I{FOLDER}",
            f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", PROTO,
        ],
        check=True,
    )  # fmt: skip

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    assert made == {name: (FOLDER / name).read_bytes() for name in made}
    assert made.keys() == {file.name for file in FOLDER.glob("*_pb2.py*")}

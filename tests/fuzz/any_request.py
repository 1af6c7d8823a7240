"""
Coverage-guided requests: `python -m tests.fuzz.any_request FOLDER -runs=1000000`, from the root.

libFuzzer looks for bytes that take the protocol's code somewhere new, and for any that get
something else than an answer or a RequestError. It begins from good requests, which are put into
FOLDER, and keeps there what it finds, for the next run to go on from. The options are its own.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wherry.protocol"]):
    from tests.support.binary_v2 import binary, binary_request, packed
    from tests.support.onnx_models import identity, two_inputs
    from tests.support.requests_v2 import request, tensor
    from tests.support.services import service_of
    from wherry.errors import RequestError
    from wherry.limits import Limits

LIMITS = Limits(
    body_bytes=4096, decompressed_bytes=4096, elements=512, rows=64, text_length=64,
    nonfinite="refuse",
)  # fmt: skip
MODELS = [
    service_of(artifact, limits=LIMITS)
    for artifact in (
        two_inputs("MatMul", (-1, -1)),
        identity("BYTES"),
        identity("BOOL", (-1, 2)),
        identity("BF16"),
        identity("FP16", (-1, 0)),
        identity("UINT8", ()),
    )
]
NO_HEADER, TO_FIRST_NUL = 255, 254  # else the byte is the header's length itself


def try_one(data: bytes) -> None:
    """The first byte chooses the model, the second the length of the header; the rest is a body."""
    choice, told, body = data[:1], data[1:2], data[2:]
    if not told:
        return
    service, length = MODELS[choice[0] % len(MODELS)], told[0]
    header_length = body.find(b"\0") if length == TO_FIRST_NUL else length
    try:
        service.infer(body, header_length=None if length == NO_HEADER else header_length)
    except RequestError as error:
        if len(str(error)) > 1000:
            raise AssertionError(error) from error


def seeds() -> Iterator[bytes]:
    """One good request of each kind: what libFuzzer begins from."""
    numbers = b"\0\0\x80\x3f" * 2
    good = {
        0: [binary("a", "FP32", [1, 2], numbers), binary("b", "FP32", [2, 1], numbers)],
        1: [binary("x", "BYTES", [2], packed(b"a", "é".encode()))],
        2: [binary("x", "BOOL", [1, 2], b"\0\1")],
        3: [binary("x", "BF16", [2], b"\0\0\x80\x3f")],
        4: [binary("x", "FP16", [3, 0], b"")],
        5: [binary("x", "UINT8", [], b"\7")],
    }
    for number, inputs in good.items():
        for told in ({}, {"id": "a", "parameters": {"binary_data_output": True}}):
            body, length = binary_request(*inputs, **told)
            yield bytes([number, min(length, TO_FIRST_NUL)]) + body
    yield bytes([1, NO_HEADER]) + request(tensor("x", "BYTES", [2], ["a", "b"]))
    yield bytes([2, NO_HEADER]) + request(tensor("x", "BOOL", [1, 2], [[True, False]]))
    yield bytes([1, 0]) + b"raw"


def main(folder: Path, *options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"good-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(folder)], try_one)
    atheris.Fuzz()  # ends the process


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

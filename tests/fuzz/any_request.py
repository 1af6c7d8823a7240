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
    from wherry.protocol.signature import VARIABLE
    from wherry.service import Service

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
# What the second byte says of the header; else it is its length.
NO_HEADER, TO_FIRST_NUL, GOOD_HEADER = 255, 254, 253


def try_one(data: bytes) -> None:
    """The first byte chooses the model, the second what comes before the tensors."""
    if len(data) < len(("model", "kind", "rows")):
        return
    service, kind, body = MODELS[data[0] % len(MODELS)], data[1], data[2:]
    length: int | None = kind
    if kind == NO_HEADER:
        length = None
    elif kind == TO_FIRST_NUL:
        length = body.find(b"\0")
    elif kind == GOOD_HEADER:
        body, length = with_good_header(service, rows=body[0], tail=body[1:])
    try:
        service.infer(body, header_length=length)
    except RequestError as error:
        if len(str(error)) > 1000:
            raise AssertionError(error) from error


def with_good_header(service: Service, rows: int, tail: bytes) -> tuple[bytes, int]:
    """All the bytes are the first input's, so that their own reading is all that can go wrong."""
    first, *others = service.manifest.inputs
    shape = [rows if size == VARIABLE else size for size in first.shape]
    return binary_request(
        binary(first.name, first.datatype, shape, tail),
        *(binary(spec.name, spec.datatype, shape, b"") for spec in others),
    )


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
            yield bytes([number, length]) + body
    yield bytes([1, NO_HEADER]) + request(tensor("x", "BYTES", [2], ["a", "b"]))
    yield bytes([2, NO_HEADER]) + request(tensor("x", "BOOL", [1, 2], [[True, False]]))
    yield bytes([1, GOOD_HEADER, 3]) + packed(b"", b"abc", "é".encode())
    yield bytes([2, GOOD_HEADER, 1]) + b"\0\1"
    yield bytes([1, 0]) + b"raw"


def main(folder: Path, *options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (folder / f"good-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(folder)], try_one)
    atheris.Fuzz()  # ends the process


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

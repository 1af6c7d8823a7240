"""
One cold start, in a fresh interpreter, until its answer: `cold.py WHICH EVENT MODEL [--files]`.

Run as a script and not as a module, so that nothing of this project is imported but what WHICH
imports. One line on stderr says that the answer is there, and tells the CPU time until then; with
`--files` it tells the bytes of each file that were touched: those opened by Python are read whole,
and of those mapped (shared libraries, which no hook of Python sees) it is what is resident. What a
library opens by itself, which is the artifact alone, is in no figure.
"""

# pathlib would be an import that the floor does not need.
# ruff: noqa: PTH113, PTH123, PTH202
import sys
import time

OPENED: set[str] = set()


def note(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: what is opened by name."""
    if event == "open" and isinstance(arguments[0], str):
        OPENED.add(arguments[0])


def floor(_: object, model: str) -> object:
    """The runtime client, ONNX Runtime, the session: nothing can be less."""
    import awslambdaric.bootstrap  # noqa: F401 - Lambda imports it
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    rows = {"features": np.array([[5.1, 3.5, 1.4, 0.2]], np.float32)}
    session.run(names, rows)  # to warm up
    return session.run(names, rows)


def wherry(event: dict[str, object], _: str) -> object:
    """The function as it is deployed."""
    import awslambdaric.bootstrap  # noqa: F401

    from functions.inference.api import handler

    return _answered(handler(event, None))


def idiomatic(event: dict[str, object], model: str) -> object:
    """FastAPI, Mangum, Powertools, and the client of S3 that would fetch the model."""
    import os

    import awslambdaric.bootstrap  # noqa: F401
    import boto3
    from aws_lambda_powertools import Logger, Metrics

    os.environ["IDIOMATIC_MODEL"] = model
    made = (
        Logger(service="iris"),
        Metrics(namespace="iris", service="iris"),
        boto3.client("s3", region_name="us-east-1"),
    )
    from tests.bench.idiomatic import handler

    return _answered(handler(event, None)), made  # type: ignore[arg-type] # no context is needed


def _answered(reply: dict[str, object]) -> object:
    assert reply["statusCode"] == 200, reply
    return reply


def touched() -> dict[str, int]:
    """Bytes by file."""
    import os

    found = {
        os.path.realpath(path): os.path.getsize(path)
        for path in OPENED
        if os.path.isfile(path) and not path.startswith(("/proc/", "/sys/", "/dev/"))
    }
    name = ""
    with open("/proc/self/smaps") as maps:
        for line in maps:
            first, *rest = line.split()
            if not first.endswith(":"):  # a mapping; its figures follow
                name = rest[4] if len(rest) > 4 and rest[4].startswith("/") else ""
            elif name and first == "Rss:":
                found[name] = found.get(name, 0) + int(rest[0]) * 1024
    return found


if __name__ == "__main__":
    which, event_file, model_file = sys.argv[1:4]
    if "--files" in sys.argv:
        sys.addaudithook(note)
    import json

    with open(event_file) as told:
        event = json.load(told)
    {"floor": floor, "wherry": wherry, "idiomatic": idiomatic}[which](event, model_file)
    found = touched() if "--files" in sys.argv else time.process_time()
    sys.stderr.write(json.dumps(found) + "\n")
    sys.stderr.flush()

"""Zips, tars and skops files that would land elsewhere, or become far more than they are."""

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

Makes = Callable[[], bytes]


def zipped(members: Mapping[str, bytes], **told: Any) -> bytes:
    """`told` are attributes of each member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in told.items():
                setattr(info, key, value)
            archive.writestr(info, data)
    return file.getvalue()


def twice(first: str, second: str) -> bytes:
    data = zipped({first: b"1", "b" * len(second): b"2"})
    return data.replace(b"b" * len(second), second.encode())


def lying() -> bytes:
    """Its header tells 10 bytes, and 5 MB come."""
    data = bytearray(zipped({"a": bytes(5 << 20)}))
    size = (5 << 20).to_bytes(4, "little")
    return bytes(data).replace(size, (10).to_bytes(4, "little"))


def tarred(kind: bytes, name: str, packing: str = "", **told: Any) -> bytes:
    file = io.BytesIO()
    mode: Any = f"w:{packing}"
    with tarfile.open(fileobj=file, mode=mode) as archive:
        info = tarfile.TarInfo(name)
        info.type = kind
        for key, value in told.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    return file.getvalue()


def _many() -> bytes:
    return zipped({f"{each}": b"" for each in range(60)})


# Each is unpacked within 50 members and 1 MB; what its refusal must say.
HOSTILE: Mapping[str, tuple[Makes, str]] = {
    "zip: above": (lambda: zipped({"../a": b""}), "`..`"),
    "zip: above, further in": (lambda: zipped({"a/b/../../../c": b""}), "`..`"),
    "zip: absolute": (lambda: zipped({"/tmp/a": b""}), "absolute"),
    "zip: a drive": (lambda: zipped({"C:a": b""}), "no plain name"),
    "zip: backslashes": (lambda: zipped({"..\\a": b""}), "no plain name"),
    "zip: a control character": (lambda: zipped({"a\x1b[2J": b""}), "no plain name"),
    "zip: a symbolic link": (
        lambda: zipped({"a": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16),
        "link or a device",
    ),
    "zip: a device": (
        lambda: zipped({"a": b""}, external_attr=(stat.S_IFCHR | 0o777) << 16),
        "link or a device",
    ),
    "zip: twice": (lambda: twice("a", "a"), "twice"),
    "zip: twice but for case": (lambda: twice("Model.onnx", "model.ONNX"), "twice"),
    "zip: a bomb": (lambda: zipped({"a": bytes(5 << 20)}), "unpacks to more"),
    "zip: a header that lies": (lying, "not what its header tells"),
    "zip: many": (_many, "more than 50 members"),
    "tar: above": (lambda: tarred(tarfile.REGTYPE, "../a"), "`..`"),
    "tar: absolute": (lambda: tarred(tarfile.REGTYPE, "/tmp/a"), "absolute"),
    "tar: a symbolic link": (
        lambda: tarred(tarfile.SYMTYPE, "a", linkname="/etc/passwd"),
        "link or a device",
    ),
    "tar: a hard link": (
        lambda: tarred(tarfile.LNKTYPE, "a", linkname="../secret"),
        "link or a device",
    ),
    "tar: a device": (lambda: tarred(tarfile.CHRTYPE, "a", devmajor=1), "link or a device"),
    "tar: a pipe": (lambda: tarred(tarfile.FIFOTYPE, "a"), "link or a device"),
    "tar: a bomb": (lambda: tarred(tarfile.REGTYPE, "a", "xz", size=5 << 20), "more bytes"),
    "tar: half": (lambda: tarred(tarfile.REGTYPE, "a", "gz", size=5 << 10)[:60], "damaged"),
    "neither": (lambda: b"no archive at all", "no archive"),
}  # fmt: skip


def skops(*nodes: tuple[str, str, str], **members: bytes) -> bytes:
    """A skops file of these (loader, module, class)."""
    keys = ("__loader__", "__module__", "__class__")
    content = [dict(zip(keys, node, strict=True)) for node in nodes]
    schema = {**content[0], "content": content[1:], "protocol": 2}
    return zipped({"schema.json": json.dumps(schema).encode(), **members})


SKOPS: Mapping[str, tuple[Makes, str]] = {
    "an unknown type": (lambda: skops(("ObjectNode", "os", "system")), "os.system"),
    "a function": (lambda: skops(("FunctionNode", "builtins", "eval")), "builtins.eval"),
    "a type further in": (
        lambda: skops(("ListNode", "builtins", "list"), ("TypeNode", "subprocess", "Popen")),
        "subprocess.Popen",
    ),
    "a method": (
        lambda: skops(("MethodNode", "sklearn.pipeline", "Pipeline")),
        "MethodNode",
    ),
    "an operator": (lambda: skops(("OperatorFuncNode", "builtins", "str")), "OperatorFuncNode"),
    "a partial": (lambda: skops(("PartialNode", "builtins", "str")), "PartialNode"),
    "a member above": (
        lambda: skops(("ListNode", "builtins", "list"), **{"../a.npy": b""}),
        "`..`",
    ),
    "no schema": (lambda: zipped({"a": b""}), "neither a pickle nor a skops file"),
    "a schema that is none": (lambda: zipped({"schema.json": b"["}), "cannot be read"),
    "a type without a name": (
        lambda: zipped({"schema.json": b'{"__class__": 1, "__module__": "os"}'}),
        "without a name",
    ),
}  # fmt: skip


def keras(*classes: Mapping[str, Any], **members: bytes) -> bytes:
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": [*classes]}}
    told = {"config.json": json.dumps(config).encode(), "model.weights.h5": b"", **members}
    return zipped(told)


def layer(module: str, name: str, config: Any = None) -> Mapping[str, Any]:
    return {"module": module, "class_name": name, "config": config}


KERAS: Mapping[str, tuple[Makes, str]] = {
    "a lambda": (lambda: keras(layer("keras.layers", "Lambda")), "Lambda"),
    "a lambda's code": (lambda: keras(layer("builtins", "__lambda__")), "__lambda__"),
    "a module outside": (lambda: keras(layer("os", "system")), "os.system"),
    "a function outside": (lambda: keras(layer("builtins", "function", "exec")), "builtins"),
    "files": (lambda: keras(layer("keras.utils", "get_file")), "keras.utils.get_file"),
    "a saved model": (lambda: keras(layer("keras.layers", "TFSMLayer")), "TFSMLayer"),
    "no module": (lambda: keras({"class_name": "Mine"}), "Mine"),
    "further in": (
        lambda: keras(layer("keras.layers", "Dense", {"activation": layer("numpy", "load")})),
        "numpy.load",
    ),
    "a member of its own": (lambda: keras(**{"run.py": b""}), "run.py"),
    "a member above": (lambda: keras(**{"assets/../../a": b""}), "`..`"),
}  # fmt: skip

"""
Pickles that would do harm. Each would write a marker, and nothing else, if it were opened.

They are written opcode by opcode, so that a name can be hidden in every way the format knows.
"""

import pickle
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np

Hostile = tuple[bytes, str]  # the file, and the name that its refusal must tell


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def name(module: str, attribute: str) -> bytes:
    """GLOBAL, as protocols 0 to 3 have it."""
    return f"c{module}\n{attribute}\n".encode()


def call(module: str, attribute: str, *arguments: str) -> bytes:
    given = b"".join(map(text, arguments))
    return b"\x80\x02" + name(module, attribute) + b"(" + given + b"tR."


def touch(marker: Path) -> str:
    return f"touch {marker}"


def opens(marker: Path) -> str:
    return f"open({str(marker)!r}, 'w').close()"


# What a gadget would be called with: a shell's line, a line of Python, or the marker's path.
SHELL, PYTHON, PATH = touch, opens, str
GADGETS: Mapping[str, Callable[[Path], str]] = {
    "os.system": SHELL, "posix.system": SHELL, "os.popen": SHELL, "subprocess.getoutput": SHELL,
    "subprocess.Popen": SHELL, "subprocess.run": SHELL, "pty.spawn": SHELL, "nt.system": SHELL,
    "os.execv": SHELL, "os.spawnlp": SHELL, "commands.getoutput": SHELL,
    "builtins.eval": PYTHON, "builtins.exec": PYTHON, "builtins.compile": PYTHON,
    "__builtin__.eval": PYTHON, "builtins.__import__": PATH, "builtins.getattr": PATH,
    "builtins.setattr": PATH, "builtins.open": PATH, "builtins.print": PATH, "builtins.map": PATH,
    "builtins.type": PATH, "builtins.input": PATH, "builtins.globals": PATH, "io.open": PATH,
    "io.FileIO": PATH, "pathlib.Path.unlink": PATH, "os.remove": PATH, "os.rename": PATH,
    "numpy.load": PATH, "numpy.save": PATH, "numpy.memmap": PATH, "numpy.fromfile": PATH,
    "numpy.loadtxt": PATH, "numpy.f2py.compile": PYTHON, "numpy.testing.runstring": PYTHON,
    "numpy.testing._private.utils.runstring": PYTHON, "numpy.f2py.crackfortran.myeval": PYTHON,
    "numpy.core._multiarray_umath._ufunc_reconstruct": PATH, "numpy.vectorize": PATH,
    "numpy.core._internal._view_is_safe": PATH, "numpy.frompyfunc": PATH, "numpy.ctypeslib": PATH,
    "numpy.distutils.exec_command.exec_command": SHELL, "numpy.DataSource": PATH,
    "numpy.lib.npyio.NpzFile": PATH, "numpy.apply_along_axis": PATH, "numpy.source": PATH,
    "pickle.loads": PYTHON, "pickle.load": PATH, "_pickle.loads": PYTHON, "marshal.loads": PYTHON,
    "shelve.open": PATH, "dill.loads": PYTHON, "cloudpickle.loads": PYTHON, "joblib.load": PATH,
    "joblib.memory.Memory": PATH, "joblib.numpy_pickle.load": PATH, "skops.io.load": PATH,
    "joblib.numpy_pickle.NDArrayWrapper": PATH, "sklearn.datasets.load_files": PATH,
    "sklearn.datasets.fetch_openml": PATH, "sklearn.utils.Bunch": PATH,
    "sklearn.utils.parallel.Parallel": PATH, "sklearn.externals.array_api_extra": PATH,
    "sklearn.callback.ProgressBar": PATH, "sklearn.utils._testing.assert_run_python_script": PATH,
    "runpy.run_path": PATH, "runpy._run_code": PYTHON, "code.InteractiveInterpreter": PATH,
    "timeit.timeit": PYTHON, "timeit.main": PYTHON, "pdb.run": PYTHON, "cProfile.run": PYTHON,
    "profile.run": PYTHON, "trace.Trace": PATH, "bdb.Bdb.run": PYTHON, "doctest.debug_src": PYTHON,
    "idlelib.pyshell.main": PATH, "ensurepip._run_pip": PATH, "pip.main": PATH,
    "pydoc.pipepager": SHELL, "pydoc.locate": PATH, "functools.partial": PATH,
    "functools.reduce": PATH, "operator.methodcaller": PATH, "operator.attrgetter": PATH,
    "operator.itemgetter": PATH, "itertools.starmap": PATH, "types.FunctionType": PATH,
    "types.CodeType": PATH, "importlib.import_module": PATH, "importlib.__import__": PATH,
    "imp.load_source": PATH, "zipimport.zipimporter": PATH, "pkgutil.resolve_name": PATH,
    "ctypes.CDLL": PATH, "_ctypes.dlopen": PATH, "cffi.FFI": PATH, "shutil.rmtree": PATH,
    "shutil.copy": PATH, "tempfile.NamedTemporaryFile": PATH, "webbrowser.open": PATH,
    "urllib.request.urlopen": PATH, "http.client.HTTPConnection": PATH, "socket.socket": PATH,
    "smtplib.SMTP": PATH, "ftplib.FTP": PATH, "requests.get": PATH, "aiohttp.ClientSession": PATH,
    "asyncio.run": PATH, "multiprocessing.Process": PATH, "multiprocessing.util._args_from": PATH,
    "threading.Thread": PATH, "concurrent.futures.ThreadPoolExecutor": PATH, "signal.signal": PATH,
    "sys.exit": PATH, "sys.settrace": PATH, "gc.get_objects": PATH, "inspect.getsource": PATH,
    "linecache.getlines": PATH, "logging.config.dictConfig": PATH, "sqlite3.connect": PATH,
    "copyreg.add_extension": PATH, "copyreg.pickle": PATH, "codecs.open": PATH, "ast.parse": PYTHON,
    "torch.load": PATH, "torch.hub.load": PATH, "torch.jit.load": PATH,
    "keras.models.load_model": PATH,
    "pandas.read_pickle": PATH, "pandas.eval": PYTHON, "pandas.core.computation.eval.eval": PYTHON,
    "scipy.io.loadmat": PATH, "scipy.stats.rv_discrete": PATH, "lightgbm.basic._load_lib": PATH,
    "xgboost.core.DMatrix": PATH, "catboost.core.Pool": PATH, "boto3.client": PATH,
    "__main__.f": PATH, "wherry.store.open_store": PATH, "cli.__main__.main": PATH,
    "antigravity.geohash": PATH, "distutils.spawn.spawn": SHELL, "test.support.script_helper": PATH,
}  # fmt: skip


def plain(gadget: str, marker: Path) -> Hostile:
    """One call of it."""
    module, _, attribute = gadget.rpartition(".")
    return call(module, attribute, GADGETS[gadget](marker)), gadget


class Evil:
    """What pickles itself as a call of `os.system`."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (touch(self.marker),)


def hidden(marker: Path) -> Mapping[str, Hostile]:
    """`os.system`, by every road of the format."""
    line, evil = touch(marker), Evil(marker)
    system, given = name("os", "system"), text(line)
    stacked = b"\x80\x04" + text("os") + b"\x94" + text("system") + b"\x94"
    ways: dict[str, bytes] = {
        f"protocol {number}": pickle.dumps(evil, protocol=number) for number in range(6)
    }
    ways |= {
        "a name from the stack": stacked + b"\x93" + given + b"\x85R.",
        "a name from the memo": stacked + b"00h\x00h\x01\x93" + given + b"\x85R.",
        "a name from memo slots": b"\x80\x04" + text("os") + b"q\x050" + text("system")
        + b"r\x06\x00\x00\x000h\x05j\x06\x00\x00\x00\x93" + given + b"\x85R.",
        "a name by its text": b"Vos\np0\n0Vsystem\np1\n0g0\ng1\n\x93(" + given + b"tR.",
        "a name put twice": b"\x80\x04" + text("os") + b"2" + b"0" + text("system") + b"\x93"
        + given + b"\x85R.",
        "INST": b"(" + given + b"ios\nsystem\n.",
        "OBJ": b"(" + system + given + b"o.",
        "NEWOBJ": b"\x80\x02" + system + given + b"\x85\x81.",
        "NEWOBJ_EX": b"\x80\x04" + system + given + b"\x85}\x92.",
        "BUILD": b"\x80\x02" + name("sklearn.base", "BaseEstimator") + b")\x81}"
        + text("__setstate__") + system + b"sb" + given + b"b.",
        "within a list": b"\x80\x02]" + system + given + b"\x85Ra.",
        "within a key": b"\x80\x02}" + system + given + b"\x85RNs.",
        "dropped at once": b"\x80\x02" + system + given + b"\x85R0N.",
        "below a mark": b"\x80\x02(" + system + given + b"\x85R1N.",
        "named and not called": b"\x80\x02" + system + b".",
        "after a valid pickle": pickle.dumps({"a": 1}) + pickle.dumps(evil),
        "within an array of objects": pickle.dumps(np.array([evil], dtype=object)),
        "Python 2": pickle.dumps(evil, protocol=2).replace(b"posix", b"os"),
    }  # fmt: skip
    return {way: (data, "system") for way, data in ways.items()}


def _kept(value: Any, compress: Any) -> bytes:
    from io import BytesIO

    file = BytesIO()
    joblib.dump(value, file, compress=compress)
    return file.getvalue()


def of_joblib(marker: Path) -> Mapping[str, Hostile]:
    """`os.system` in files of joblib, packed in every way, beside and inside arrays."""
    evil = Evil(marker)
    numbers = np.arange(1000.0)
    ways = {
        f"packed by {each}": _kept(evil, (each, 3))
        for each in ("zlib", "gzip", "bz2", "lzma", "xz")
    }
    ways |= {
        "bare": _kept(evil, 0),
        "behind an array": _kept({"a": numbers, "b": evil}, 0),
        "behind a packed array": _kept([numbers, numbers.astype("M8[s]"), evil], 3),
        "in an array of objects": _kept(np.array([1, evil], dtype=object), 0),
        "in a packed array of objects": _kept({"a": np.array([[evil]], dtype=object)}, ("xz", 3)),
        "behind an array of objects": _kept([np.array(["a", None], dtype=object), evil], 0),
        "behind fields": _kept([np.zeros(3, [("a", "f8"), ("b", "i2")]), evil], 0),
    }
    return {way: (data, "system") for way, data in ways.items()}


def traversals() -> Mapping[str, Hostile]:
    """Protocol 4 takes a path of attributes for a name: from what is allowed to what is not."""
    paths = {
        ("numpy", "os.system"): "numpy.os.system",
        ("numpy", "ndarray.tofile"): "numpy.ndarray.tofile",
        ("numpy", "testing.runstring"): "numpy.testing.runstring",
        ("sklearn.base", "warnings.sys.modules"): "sklearn.base.warnings.sys.modules",
        ("sklearn.pipeline", "Pipeline.fit"): "sklearn.pipeline.Pipeline.fit",
        ("builtins", "object.__subclasses__"): "builtins.object.__subclasses__",
        ("builtins", "dict.__class__"): "builtins.dict.__class__",
        ("collections", "_sys.modules"): "collections._sys.modules",
        ("sklearn.svm._classes.SVC", "fit"): "sklearn.svm._classes.SVC.fit",
        ("", "builtins.eval"): "builtins.eval",
        ("sklearn.svm._classes ", "SVC"): "sklearn.svm._classes .SVC",
        ("sklearn.svm._classes", "svc"): "sklearn.svm._classes.svc",
        ("os\u200b", "system"): "os?.system",
    }
    return {
        told: (b"\x80\x04" + text(module) + text(path) + b"\x93.", told)
        for (module, path), told in paths.items()
    }


# What is refused for what it is, not for a name: the file, and what its refusal must say.
ODD: Mapping[str, Hostile] = {
    "extension 1": (b"\x80\x02\x82\x01.", "extension registry"),
    "extension 2": (b"\x80\x02\x83\x01\x00.", "extension registry"),
    "extension 4": (b"\x80\x02\x84\x01\x00\x00\x00.", "extension registry"),
    "a persistent id": (b"Pthere\n.", "persistent id"),
    "a persistent id from the stack": (b"\x80\x02" + text("there") + b"Q.", "persistent id"),
    "a buffer outside": (b"\x80\x05\x97.", "buffer outside"),
    "a name that is computed": (
        b"\x80\x04" + text("builtins") + text("str") + b"\x93" + text("os") + b"\x85R"
        + text("system") + b"\x93.",
        "does not tell",
    ),
    "a name of Python 2's text": (b"\x80\x04U\x02osU\x06system\x93.", "does not tell"),
    "a second pickle": (pickle.dumps(1) + pickle.dumps(2), "second pickle"),
    "data behind": (pickle.dumps(1) + b"\xff\xfe", "no pickle"),
    "half a pickle": (pickle.dumps(list(range(300)))[:-9], "pickle"),
    "an object that is called": (
        b"\x80\x02" + name("collections", "OrderedDict") + b")R)R.", "calls what is no name",
    ),
    "an object that is made of": (
        b"\x80\x02" + name("collections", "OrderedDict") + b")R)\x81.", "calls what is no name",
    ),
    "an object that is made of with words": (
        b"\x80\x04" + name("collections", "OrderedDict") + b")R)}\x92.", "calls what is no name",
    ),
    "an object that is called by a mark": (
        b"(" + name("collections", "OrderedDict") + b")Ro.", "calls what is no name",
    ),
    "a class that is changed": (
        b"\x80\x02" + name("sklearn.base", "BaseEstimator") + b"N}" + text("fit") + b"Ns\x86b.",
        "state of what it did not make",
    ),
    "nothing": (b"", "no pickle"),
    "a script": (b"import os\n", "no pickle"),
    "an empty stack": (b"\x80\x02R.", "did not put"),
    "a memo of nothing": (b"\x80\x02h\x07.", "did not keep"),
    "an array of memory maps": (
        b"\x80\x02" + name("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}"
        + text("subclass") + name("numpy", "matrix") + b"sb.",
        "numpy.matrix",
    ),
    "an array that is not there": (_kept(np.arange(1000.0), 0)[:-4000], "within an array"),
    "lz4": (b"\x04\x22\x4d\x18" + bytes(20), "lz4"),
    "a damaged compression": (_kept(np.arange(1000.0), 3)[:-50], "damaged"),
    "data behind a compression": (_kept(1, 3) + b"more", "damaged"),
}  # fmt: skip

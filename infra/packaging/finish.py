"""
Make a folder of Python code ready to be served from: `python finish.py FOLDER HOME`.

What a function never needs is deleted, modules are compiled for HOME (where they will lie,
read-only), and every file gets the same time and mode wherever it was made. One list for the image
and for ZIP. It runs inside the image build too, on whatever Python the base has and with no tool
beside it, so it uses the standard library only.

It keeps `*.dist-info`: without it, scanners of dependencies are blind. onnxruntime's Python module
holds its own copy of the library that the `libonnxruntime.so` files repeat. numpy loads `random`,
`fft` and `polynomial` only when they are asked for, and nothing served asks; of Powertools,
the formatter of log lines and idempotency are used. Arrow reads and writes files that are opened
for it: its own ways to S3 and other stores, Flight and the encryption of Parquet are never asked
for. The AWS SDK describes every service of AWS, and workers call few.
"""

import compileall
import os
import py_compile
import shutil
import stat
import sys
from pathlib import Path

UNUSED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_ijt]*",  # but idempotency, jmespath_utils and typing
    "bin",
    "google/protobuf",
    "google/_upb",
    "flatbuffers",
    "numpy/_core/_*_tests.*.so",
    "numpy/_core/_simd.*.so",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/_pyinstaller",
    "numpy/conftest.py",
    "numpy/distutils",
    "numpy/f2py",
    "numpy/fft",
    "numpy/polynomial",
    "numpy/random",
    "numpy/testing",
    "onnxruntime/backend",
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "pyarrow/_azurefs.*",
    "pyarrow/_dataset_orc.*",
    "pyarrow/_dataset_parquet_encryption.*",
    "pyarrow/_feather.*",
    "pyarrow/_flight.*",
    "pyarrow/_gcsfs.*",
    "pyarrow/_hdfs.*",
    "pyarrow/_orc.*",
    "pyarrow/_parquet_encryption.*",
    "pyarrow/_pyarrow_cpp_tests.*",
    "pyarrow/_s3fs.*",
    "pyarrow/_substrait.*",
    "pyarrow/include*",
    "pyarrow/interchange",
    "pyarrow/libarrow_flight.so*",
    "pyarrow/libarrow_python.so",  # and the next: copies of libarrow_python.so.2600
    "pyarrow/libarrow_python.so.*.*",
    "pyarrow/libarrow_python_*.so*",
    "pyarrow/libarrow_s3.so*",
    "pyarrow/src",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.pyi",
    "**/*.pyx",
    "**/__pycache__",
    "**/tests",
)

SERVICES = ("dynamodb", "lambda", "s3", "sqs", "sts")  # that workers call


def trim(folder: Path) -> int:
    """Delete from `folder` what is never used; return the bytes that this saved."""
    before = size_of(folder)
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    for path in sorted(folder.glob("botocore/data/*/")):
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
    return before - size_of(folder)


def compile_for(folder: Path, home: str) -> None:
    """
    Write each module's `.pyc`, to be trusted unchecked.

    Where the code is served it cannot be written, and file times are not those of the build.
    """
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(
        folder, quiet=1, stripdir=str(folder), prependdir=home, invalidation_mode=mode
    ):
        sys.exit("finish: a module does not compile")


def settle(folder: Path) -> None:
    """One time, and modes without this machine's umask: the same files make the same layer."""
    for path in [folder, *folder.rglob("*")]:
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
        os.utime(path, (0, 0))


def size_of(folder: Path) -> int:
    """Bytes of every file under `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    code = Path(sys.argv[1])
    trim(code)
    compile_for(code, sys.argv[2])
    settle(code)

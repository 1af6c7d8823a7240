"""
What a function needs beside what every one has: Pillow for images, a tokenizer, cryptography.

An extra is the name of a lock of packages, `requirements/<extra>.txt`. What the model needs is in
its own lock, where `wherry publish` wrote it from the artifact; `signed` follows from `public_key`
in its [deploy].
"""

from collections.abc import Sequence

LOCKED = ("image", "text")
SIGNED = "signed"
BATCH, QUEUE = "batch", "queue"  # of workers: pyarrow; boto3
EXTRAS = (*LOCKED, SIGNED, BATCH, QUEUE)


def closure_name(extras: Sequence[str]) -> str:
    """How the set is called where each has a folder of its own."""
    return "-".join(extras) or "base"

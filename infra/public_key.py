"""
The public keys that a release pins: read from a PEM file of the checkout, told as one literal.

It stands in the function's environment, so another key is another Lambda version, and a rollback of
the alias takes the key back too. It reads the form and does no cryptography: whether a key is one
is seen when `wherry verify` uses it, and when a function starts.
"""

import base64
import re
from pathlib import Path

from infra.rules import ConfigurationError

PEM = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*")
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
BYTES = len(P256) + 64


def read_public_keys(where: str, root: Path, path: str) -> str:
    """Base64 of DER, with commas between; ConfigurationError naming the file otherwise."""
    try:
        text = (root / path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise _refused(where, path, "cannot be read") from error
    keys = [base64.b64decode("".join(told.split())) for told in PEM.findall(text)]
    if not keys or PEM.sub("", text).strip():
        raise _refused(where, path, "holds no public key as PEM")
    if any(len(key) != BYTES or not key.startswith(P256) for key in keys):
        raise _refused(where, path, "holds a key that is not on the curve P-256")
    return ",".join(base64.b64encode(key).decode() for key in keys)


def _refused(where: str, path: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        where, f"public_key = {path!r}: the file {why}", "`wherry keys make` writes such a file"
    )

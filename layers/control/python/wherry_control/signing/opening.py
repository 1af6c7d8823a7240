"""Which signer is meant: a key file by its path, or `awskms:///` and the name of a key in KMS."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wherry.errors import UsageError
from wherry_control.signing.keys import read_key
from wherry_control.signing.kms import SCHEME, KmsKey
from wherry_control.signing.signer import Signer

SIGNING_KEY = "WHERRY_SIGNING_KEY"
ARN_PARTS = 6


def open_signer(
    name: str, environment: Mapping[str, str], kms: Callable[[str | None], Any]
) -> Signer:
    """`kms` makes boto3's client for a region; None is the one that every tool would take."""
    if not name.startswith("awskms:"):
        return read_key(Path(name), environment)
    key = name.removeprefix(SCHEME)
    if key == name or not key:
        todo = "Write awskms:///alias/NAME, or awskms:/// and a key's id or ARN."
        raise UsageError(name, "no name of a key in KMS", todo)
    parts = key.split(":")
    return KmsKey(kms(parts[3] if parts[0] == "arn" and len(parts) == ARN_PARTS else None), key)

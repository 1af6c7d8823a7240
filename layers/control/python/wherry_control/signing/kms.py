"""
A key in AWS KMS: it signs there, and nobody ever has it. Its public key is asked for once.

Only the digest of what is signed goes to AWS. It refuses a key that is not ECC_NIST_P256 for
SIGN_VERIFY: the function that checks knows no other.
"""

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

from wherry.errors import CloudError, ConfigurationError
from wherry.signature import PublicKey
from wherry_control.aws_errors import translated

SCHEME = "awskms:///"
SPEC, ALGORITHM, USAGE = "ECC_NIST_P256", "ECDSA_SHA_256", "SIGN_VERIFY"
MAKE = f"Make one: `aws kms create-key --key-spec {SPEC} --key-usage {USAGE}`."


class KmsKey:
    """A signer whose private key stays in KMS; `client` is boto3's."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    @cached_property
    def public_key(self) -> PublicKey:
        """Raise ConfigurationError if there is no such key, or one that cannot be used."""
        told = self._ask(self._client.get_public_key)
        found = (told.get("KeySpec"), told.get("KeyUsage"))
        if found != (SPEC, USAGE):
            raise ConfigurationError(
                f"{SCHEME}{self._name}", f"it is {' for '.join(map(str, found))}", MAKE
            )
        return PublicKey(told["PublicKey"])

    def sign(self, message: bytes) -> bytes:
        """See Signer."""
        told = self._ask(
            self._client.sign,
            Message=hashlib.sha256(message).digest(),
            MessageType="DIGEST",
            SigningAlgorithm=ALGORITHM,
        )
        return bytes(told["Signature"])

    def _ask(self, call: Callable[..., Any], **words: Any) -> Any:
        where = f"{SCHEME}{self._name}"
        absent = CloudError(where, "KMS has no such key", MAKE)
        with translated(where, absent=absent):
            return call(KeyId=self._name, **words)

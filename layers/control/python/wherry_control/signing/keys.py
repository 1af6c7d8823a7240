"""
Key files: a private key as PEM (PKCS 8), readable by its owner alone, and the public key beside it.

A passphrase is taken from the environment and never from a command line, where other users of the
machine would see it. It refuses other kinds of keys than ECDSA on P-256, and to overwrite a key.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from wherry.errors import ConfigurationError, UsageError
from wherry.signature import PublicKey

PASSPHRASE = "WHERRY_SIGNING_PASSPHRASE"  # noqa: S105 - the variable's name
PUBLIC = ".pub"
MAKE = "`wherry keys make FILE` makes one."


@dataclass(frozen=True)
class FileKey:
    """A signer whose private key is in this process."""

    private: ec.EllipticCurvePrivateKey

    @property
    def public_key(self) -> PublicKey:
        return _public(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        """See Signer. The same message has the same signature (RFC 6979)."""
        return self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))


def make_key(path: Path, environment: Mapping[str, str]) -> tuple[PublicKey, Path]:
    """Write a new private key, and the public one beside it; both files must be new."""
    public = path.with_suffix(PUBLIC)
    if path == public:
        raise UsageError(str(path), f"{PUBLIC} is for the public key", "Name it FILE.pem.")
    for file in (path, public):
        if file.exists():
            raise UsageError(str(file), "it is there already", "Name a file that does not exist.")
    private = ec.generate_private_key(ec.SECP256R1())
    secret = environment.get(PASSPHRASE, "").encode()
    told = private.private_bytes(
        Encoding.PEM,
        PrivateFormat.PKCS8,
        BestAvailableEncryption(secret) if secret else NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, told, 0o600)
    key = _public(private.public_key())
    write_public(public, key)
    return key, public


def write_public(path: Path, key: PublicKey) -> None:
    """As PEM, into a file that must be new."""
    pem = load_der_public_key(key.der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, pem, 0o644)


def read_key(path: Path, environment: Mapping[str, str]) -> FileKey:
    """Raise ConfigurationError unless `path` holds a private key, and this is its passphrase."""
    secret = environment.get(PASSPHRASE, "").encode() or None
    data = _read(path)
    try:
        found = load_pem_private_key(data, secret)
    except TypeError as error:  # a passphrase is needed and not given, or the other way round
        todo = f"Set {PASSPHRASE}." if secret is None else f"Unset {PASSPHRASE}."
        raise ConfigurationError(str(path), str(error).rstrip("."), todo) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        todo = f"Check {PASSPHRASE}." if secret else MAKE
        raise ConfigurationError(str(path), "no private key can be read from it", todo) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey) or not _is_p256(found):
        raise ConfigurationError(str(path), "its key is not on the curve P-256", MAKE)
    return FileKey(found)


def public_keys(paths: list[Path]) -> tuple[PublicKey, ...]:
    """Those in PEM files, one or more in each; ConfigurationError for anything else."""
    return tuple(key for path in paths for key in _public_keys(path))


def _public_keys(path: Path) -> list[PublicKey]:
    end = b"-----END PUBLIC KEY-----"
    parts = _read(path).split(end)
    if len(parts) == 1 or parts[-1].strip():
        raise ConfigurationError(str(path), "it holds no public key as PEM", MAKE)
    return [_public_pem(path, part.strip() + b"\n" + end + b"\n") for part in parts[:-1]]


def _public_pem(path: Path, pem: bytes) -> PublicKey:
    try:
        found = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(str(path), "it holds no public key as PEM", MAKE) from error
    if not isinstance(found, ec.EllipticCurvePublicKey) or not _is_p256(found):
        raise ConfigurationError(str(path), "its key is not on the curve P-256", MAKE)
    return _public(found)


def _is_p256(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> bool:
    return isinstance(key.curve, ec.SECP256R1)


def _public(key: ec.EllipticCurvePublicKey) -> PublicKey:
    return PublicKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(str(path), f"it cannot be read ({error.strerror})", MAKE) from error


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        what, todo = "it is there already", "Name a file that does not exist."
        raise UsageError(str(path), what, todo) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)

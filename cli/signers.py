"""Which key signs: a file, or one in AWS KMS, reached as the command's target is."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.call import Call
from wherry.errors import ConfigurationError

if TYPE_CHECKING:
    from wherry.signature import PublicKey
    from wherry_control.signing import Signer

SigningKey = Annotated[
    str | None,
    typer.Option(
        "--sign",
        metavar="KEY",
        envvar="WHERRY_SIGNING_KEY",
        help="Sign with this key: a PEM file, or awskms:///alias/NAME.",
    ),
]
PublicKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--public-key", metavar="FILE", help="Require a signature by this key (PEM); repeatable."
    ),
]


def open_key(call: Call, name: str) -> "Signer":
    from wherry_control.signing import open_signer

    return open_signer(name, os.environ, lambda region: _kms(call, region))


def read_keys(files: list[Path] | None) -> "tuple[PublicKey, ...]":
    """None without files, so that `cryptography` is imported only for some."""
    if not files:
        return ()
    from wherry_control.signing import public_keys

    return public_keys(files)


def _kms(call: Call, region: str | None) -> Any:
    """boto3's client: of the target, or of whatever the environment says."""
    from wherry_control.aws_errors import translated

    with translated("AWS KMS"):
        if call.target_name:
            return call.session.client("kms", region_name=region)
        from boto3 import Session

        session = Session(
            profile_name=call.profile, region_name=call.region or os.environ.get("AWS_REGION")
        )
        if not (region or session.region_name):
            raise ConfigurationError(
                "AWS KMS", "no AWS region is set", "Pass --region, or set AWS_REGION."
            )
        return session.client("kms", region_name=region)

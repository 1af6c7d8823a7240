"""Whoever can sign model versions, by a key file or by AWS KMS, and which keys may be pinned."""

from wherry_control.signing.keys import make_key, public_keys
from wherry_control.signing.opening import open_signer
from wherry_control.signing.signer import Signer, sign

__all__ = ["Signer", "make_key", "open_signer", "public_keys", "sign"]

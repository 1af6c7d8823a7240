"""
Which arm a subject is in: a keyed hash of the subject, and nothing that is remembered.

HMAC-SHA256 (RFC 2104) with the experiment's salt. Its first 64 bits give the bucket, its next 64 a
pseudonym: what a log line may say of the subject without saying who it is. Two experiments have two
salts, so that who was in an arm of one tells nothing of the other. Who holds the salt and guesses a
subject can check the guess: the pseudonym hides a subject from readers of logs, not from its owner.
"""

import hmac
from typing import NamedTuple

from wherry.experiments.spec import BUCKETS, Arm, Experiment

WORD = 8  # bytes


class Assigned(NamedTuple):
    """`pseudonym` is 16 hexadecimal digits."""

    arm: Arm
    pseudonym: str


def assign(experiment: Experiment, subject: str) -> Assigned:
    """The arm of `subject`, which may be any text."""
    told = hmac.digest(experiment.salt.encode(), subject.encode(errors="surrogatepass"), "sha256")
    # A multiple of 2**-64 of the way through the buckets: none is likelier than another by more.
    bucket = int.from_bytes(told[:WORD], "big") * BUCKETS >> 8 * WORD
    return Assigned(experiment.arm_of(bucket), told[WORD : 2 * WORD].hex())

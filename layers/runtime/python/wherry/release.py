"""Which release answers: the four facts that every answer, log line and metric carries."""

import msgspec


class Release(msgspec.Struct, frozen=True):
    """`version` is the model version; `name` is the Lambda version, or `local`."""

    model: str
    version: int
    name: str
    digest: str

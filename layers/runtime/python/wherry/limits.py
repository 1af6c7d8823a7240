"""How much one request may ask for. Checked before anything of that size is made."""

from dataclasses import dataclass

LAMBDA_PAYLOAD = 6 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """
    `body_bytes` bounds the request and the answer alike; `elements` bounds each tensor.

    The default is what Lambda carries, so that a model answers on a laptop what it answers there.
    """

    body_bytes: int = LAMBDA_PAYLOAD
    elements: int = 2_000_000

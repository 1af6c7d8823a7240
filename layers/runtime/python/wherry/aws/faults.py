"""
What AWS refused a worker, as a CloudError: where, its code, and that the work comes again.

A worker has nobody to tell but its log and the queue, so one kind is enough here; who works at a
terminal is told more (`wherry_control.aws_errors`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from wherry.errors import CloudError


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise CloudError for whatever botocore raises inside."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise CloudError(where, str(error)) from error

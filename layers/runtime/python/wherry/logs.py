"""
What Wherry has to say beside its evidence, in the form that Powertools gives to log lines.

Powertools is imported for the first such line, and not before: most environments never write one,
and its import would cost each of them a good part of a cold start.
"""

import logging
import sys

from wherry.evidence import SERVICE


class StructuredFormatter(logging.Formatter):
    """One JSON object a line, tracebacks included, as Powertools' own Logger writes it."""

    def format(self, record: logging.LogRecord) -> str:
        from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

        told: str = LambdaPowertoolsFormatter(service=SERVICE, utc=True).format(record)
        return told


def log_structured(logger: logging.Logger) -> None:
    """Let `logger` write to stdout, where CloudWatch listens, and nowhere else."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(StructuredFormatter())
    logger.handlers = [handler]
    logger.propagate = False

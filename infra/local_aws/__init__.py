"""
The local AWS: MiniStack on loopback, with functions as containers of our own image.

It stands in for an account while developing and in tests. To the CDK, to boto3 and to our own code
it is AWS at another endpoint; nothing but this package knows that it is not.
"""

from infra.local_aws.instance import Options
from infra.local_aws.lifecycle import Status, down, logs, status, up

__all__ = ["Options", "Status", "down", "logs", "status", "up"]

"""
What of a run was done before the execution that is looked at: its receipts were there already.

A manifest tells of the whole run, whichever executions did it; S3 tells when each receipt came.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from wherry.batch.contract import RECEIPTS
from wherry.batch.costs import cost
from wherry_control.aws_errors import translated
from wherry_control.batch.summary import Summary


def done_before(client: Any, output: str, moment: datetime) -> int:
    """Partitions with a receipt from before `moment`; `client` is boto3's of S3."""
    bucket, _, folder = output.removeprefix("s3://").rstrip("/").partition("/")
    prefix = "/".join(filter(None, (folder, f"{RECEIPTS}/")))
    whole = moment.replace(microsecond=0)  # S3 tells whole seconds
    with translated(output):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sum(
            each["LastModified"] < whole for page in pages for each in page.get("Contents", ())
        )


def resumed(come: Summary, before: int) -> Summary:
    """Told as of the execution that found so many done; of one that found all, the cost as well."""
    already = min(before, come.partitions - come.missing)
    if already < come.partitions:
        return replace(come, already=already)
    return replace(come, already=already, cost=cost(0.0, come.partitions, 0))

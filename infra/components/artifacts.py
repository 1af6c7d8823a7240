"""
The bucket of the model store. It refuses plain HTTP, the public, and to go away with its stack.

`RetainExceptOnCreate`: a deploy that fails while making it leaves nothing behind, so that the next
try is not refused with "already exists"; every other deletion leaves it.
"""

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Validations
from aws_cdk import aws_s3 as s3
from constructs import Construct

PASSING = {"shadow/": 1, "jobs/": 7}  # days; requests too large for a shadow's event, and jobs
CLAIMED_DAYS = 14  # what was too large for a message: a dead letter is kept as long


class Artifacts(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, bucket_name: str, claims: Sequence[str]
    ) -> None:
        """`claims` are the folders of what was too large for a message."""
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    noncurrent_version_expiration=Duration.days(90),
                ),
                *(_passing(prefix, days) for prefix, days in PASSING.items()),
                *(_passing(prefix, CLAIMED_DAYS) for prefix in claims),
            ],
        )
        Validations.of(self.bucket).acknowledge(
            Acknowledgment(
                id="AwsSolutions-S1",
                reason="Objects are write-once and their digest is checked at every load, so an "
                "access log would protect nothing; it would add a second bucket of client "
                "addresses. Who wrote what is a question for CloudTrail data events.",
            )
        )


def _passing(prefix: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        prefix=prefix,
        expiration=Duration.days(days),
        noncurrent_version_expiration=Duration.days(1),
    )

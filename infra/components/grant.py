"""One permission of a role. A wildcard in its resource has a reason, or the app does not synth."""

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Aws, Validations
from aws_cdk import aws_iam as iam

PSEUDO = {
    Aws.PARTITION: "<AWS::Partition>",
    Aws.REGION: "<AWS::Region>",
    Aws.ACCOUNT_ID: "<AWS::AccountId>",
}


def grant(role: iam.Role, actions: Sequence[str], resource: str, *, wildcard: str = "") -> None:
    """`wildcard` is why the resource holds one; cdk-nag refuses one without."""
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
    if not wildcard:
        return
    for token, name in PSEUDO.items():  # cdk-nag names a finding by the resource as it reads it
        resource = resource.replace(token, name)
    Validations.of(role).acknowledge(
        Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{resource}]", reason=wildcard)
    )

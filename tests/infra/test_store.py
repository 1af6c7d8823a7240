"""The store outlives everything else, and lets nobody in who has no business there."""

from pathlib import Path

from tests.infra.synth import Template, of_type, only, project, synth, text


def test_bucket_and_ledger_survive_their_stack_but_not_a_failed_creation(store: Template) -> None:
    """A failed first deploy must not leave names behind that refuse the second."""
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table"):
        (resource,) = of_type(store, kind)
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_is_versioned_encrypted_and_closed(store: Template) -> None:
    bucket = only(store, "AWS::S3::Bucket")

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert text(bucket["BucketName"]) == "wherry-dev-${AWS::AccountId}-${AWS::Region}"


def test_plain_http_is_denied_to_everybody(store: Template) -> None:
    (statement,) = only(store, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Action"] == "s3:*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_old_object_versions_and_broken_uploads_are_cleaned_up(store: Template) -> None:
    rule, *_ = only(store, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_what_was_left_for_a_shadow_or_by_a_job_is_gone_in_time(store: Template) -> None:
    _, *rules = only(store, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    assert {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules} == {
        "shadow/": 1,
        "jobs/": 7,
    }
    for rule in rules:
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_the_ledger_is_ordered_by_model_and_can_be_restored(store: Template) -> None:
    table = only(store, "AWS::DynamoDB::Table")

    assert table["TableName"] == "wherry-dev-ledger"
    assert table["KeySchema"] == [
        {"AttributeName": "model", "KeyType": "HASH"},
        {"AttributeName": "sequence", "KeyType": "RANGE"},
    ]
    assert table["AttributeDefinitions"] == [
        {"AttributeName": "model", "AttributeType": "S"},
        {"AttributeName": "sequence", "AttributeType": "N"},
    ]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_api_gateway_may_write_logs_also_after_the_stack_is_gone(store: Template) -> None:
    (account,) = of_type(store, "AWS::ApiGateway::Account")

    assert account["DeletionPolicy"] == "RetainExceptOnCreate"


def test_a_known_account_gives_a_name_that_cloudformation_can_import(tmp_path: Path) -> None:
    """`--import-existing-resources` takes back a retained bucket only under a literal name."""
    stacks = synth(project(tmp_path), account="123456789012", region="eu-north-1")

    bucket = only(stacks["Wherry-dev-Store"], "AWS::S3::Bucket")
    assert bucket["BucketName"] == "wherry-dev-123456789012-eu-north-1"


def test_the_account_does_not_change_what_is_released(tmp_path: Path, inference: Template) -> None:
    """Else `wherry deploy` after a bare `cdk deploy` would publish a version that exists."""
    stacks = synth(project(tmp_path), account="123456789012", region="eu-north-1")

    assert stacks["Wherry-dev-iris"] == inference

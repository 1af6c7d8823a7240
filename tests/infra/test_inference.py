"""One model's stack: what is pinned, who owns the alias, and what wakes somebody."""

import json
from pathlib import Path

import pytest

from tests.infra.synth import (
    DIGEST,
    Template,
    as_list,
    function,
    of_type,
    only,
    project,
    statements,
    synth,
    text,
    versions,
)


def test_the_outputs_are_the_ones_that_the_control_plane_reads(
    inference: Template, zip_app: dict[str, Template]
) -> None:
    common = {"FunctionName", "Version", "RestApiId", "Stage"}

    assert set(inference["Outputs"]) == common | {"ApiKeyId"}
    assert set(zip_app["Wherry-prod-iris"]["Outputs"]) == common


def test_the_release_is_pinned_by_literals(inference: Template) -> None:
    variables = dict(function(inference)["Environment"]["Variables"])

    assert text(variables.pop("WHERRY_STORE")) == "s3://wherry-dev-${AWS::AccountId}-${AWS::Region}"
    assert variables == {
        "WHERRY_MODEL": "iris",
        "WHERRY_MODEL_VERSION": "3",
        "WHERRY_DIGEST": DIGEST,
        "WHERRY_SLO_MS": "1000",
        "ORT_DISABLE_TELEMETRY": "1",
    }


def test_a_model_may_tell_its_function_more(tmp_path: Path) -> None:
    root = project(tmp_path, deploy='environment = {WHERRY_DOCS = "off"}')

    variables = function(synth(root)["Wherry-dev-iris"])["Environment"]["Variables"]

    assert variables["WHERRY_DOCS"] == "off"
    assert variables["WHERRY_DIGEST"] == DIGEST


def test_cloudformation_owns_no_alias(inference: Template) -> None:
    """It would put the weights back at every deploy and every rollback."""
    assert of_type(inference, "AWS::Lambda::Alias") == []


def test_the_alias_is_made_once_by_a_role_that_cannot_move_it(inference: Template) -> None:
    actions = {
        action
        for statement in statements(inference)
        for action in as_list(statement["Action"])
        if action.startswith("lambda:")
    }

    assert actions == {"lambda:GetAlias", "lambda:CreateAlias"}


def test_the_alias_is_asked_for_with_the_version_of_this_template(inference: Template) -> None:
    wanted = only(inference, "Custom::WherryLiveAlias")
    ((version, _),) = versions(inference).items()

    assert wanted["AliasName"] == "live"
    assert text(wanted["FunctionVersion"]) == f"${{{version}.Version}}"
    assert wanted["ServiceTimeout"] == "300"


def test_only_the_alarm_on_the_candidate_and_the_alias_know_the_new_version(
    inference: Template,
) -> None:
    """Whatever else named it would move traffic, or permissions, with a deploy."""
    ((version, _),) = versions(inference).items()

    knowing = {
        resource["Type"]
        for resource in inference["Resources"].values()
        if version in json.dumps(resource)
    }

    assert knowing == {"Custom::WherryLiveAlias", "AWS::CloudWatch::Alarm"}


def test_the_function_reads_artifacts_by_address_and_lists_nothing(inference: Template) -> None:
    (statement,) = [each for each in statements(inference) if "s3:" in text(each["Action"])]

    assert statement["Action"] == "s3:GetObject"
    assert text(statement["Resource"]).endswith(
        ":s3:::wherry-dev-${AWS::AccountId}-${AWS::Region}/artifacts/sha256/*"
    )


@pytest.mark.parametrize("packaging", ["image", "zip"])
def test_published_versions_start_from_a_snapshot(tmp_path: Path, packaging: str) -> None:
    served = function(synth(project(tmp_path), packaging=packaging)["Wherry-dev-iris"])

    assert served["SnapStart"] == {"ApplyOn": "PublishedVersions"}


@pytest.mark.parametrize(
    ("deploy", "context"),
    [
        ("snap_start = false", {}),
        ("snap_start = false", {"packaging": "zip"}),
        ("", {"packaging": "zip", "python": "3.11"}),
    ],
    ids=["an image, not wanted", "a ZIP, not wanted", "Lambda has none for Python 3.11"],
)
def test_or_from_nothing_where_that_is_wanted_or_must_be(
    tmp_path: Path, deploy: str, context: dict[str, str]
) -> None:
    root = project(tmp_path, deploy=deploy)

    assert "SnapStart" not in function(synth(root, **context)["Wherry-dev-iris"])


def test_nothing_is_asked_of_the_function_that_a_snapshot_refuses(inference: Template) -> None:
    """No EFS, no provisioned concurrency, and a `/tmp` of the usual 512 MB."""
    told = function(inference)

    assert told.keys().isdisjoint({"FileSystemConfigs", "EphemeralStorage", "TenancyConfig"})
    for version in versions(inference).values():
        assert "ProvisionedConcurrencyConfig" not in version["Properties"]


def test_a_zip_has_the_handler_s_dotted_path_and_the_wanted_python(
    zip_app: dict[str, Template],
) -> None:
    served = function(zip_app["Wherry-prod-iris"])

    assert served["Handler"] == "functions.inference.api.handler"
    assert served["Runtime"] == "python3.12"
    assert served["MemorySize"] == 1024


@pytest.mark.parametrize(("app", "days"), [("image_app", 30), ("zip_app", 7)])
def test_every_log_is_forgotten_in_time(
    app: str, days: int, request: pytest.FixtureRequest
) -> None:
    """A model's after its own time, what all models share after 30 days."""
    for name, template in request.getfixturevalue(app).items():
        for group in of_type(template, "AWS::Logs::LogGroup"):
            own = name.endswith("-iris")
            assert group["Properties"]["RetentionInDays"] == (days if own else 30)


def test_alarms_are_on_the_dimensions_that_alias_traffic_has(inference: Template) -> None:
    alarms = [each["Properties"] for each in of_type(inference, "AWS::CloudWatch::Alarm")]
    found = {
        (alarm["MetricName"], tuple(each["Name"] for each in alarm["Dimensions"]))
        for alarm in alarms
    }

    assert found == {
        ("Errors", ("FunctionName", "Resource")),
        ("Errors", ("ExecutedVersion", "FunctionName", "Resource")),
        ("5XXError", ("ApiName", "Stage")),
        ("Latency", ("ApiName", "Stage")),
    }
    for alarm in alarms:
        told = {each["Name"]: text(each["Value"]) for each in alarm["Dimensions"]}
        assert told.get("Resource", ":live").endswith(":live")


def test_slow_means_slower_than_the_model_s_own_objective(zip_app: dict[str, Template]) -> None:
    (alarm,) = [
        each["Properties"]
        for each in of_type(zip_app["Wherry-prod-iris"], "AWS::CloudWatch::Alarm")
        if each["Properties"]["MetricName"] == "Latency"
    ]

    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p99", 250)


def test_no_concurrency_is_reserved_or_provisioned(inference: Template) -> None:
    """Provisioned concurrency is refused on a weighted alias; reserving is the account's choice."""
    assert "ReservedConcurrentExecutions" not in function(inference)

"""What the environment says of jobs."""

import pytest

from tests.support.onnx_models import scaled
from tests.support.services import service_of
from wherry.beside import jobs_of
from wherry.errors import ConfigurationError
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.jobs.settings import JobRules, JobSettings
from wherry.limits import Limits

TOLD = {
    "WHERRY_JOBS_TABLE": "t",
    "WHERRY_JOBS_QUEUE": "https://sqs/q",
    "WHERRY_JOBS": "s3://bucket/jobs/tiny",
}


def test_what_is_not_told_has_a_default() -> None:
    assert JobSettings.from_environment(TOLD) == JobSettings(
        table="t", queue="https://sqs/q", place="s3://bucket/jobs/tiny",
        rules=JobRules(keep_hours=24, most_mb=512, receives=3),
    )  # fmt: skip


def test_each_rule_has_its_variable() -> None:
    told = {"KEEP_HOURS": "1", "MOST_MB": "2", "RECEIVES": "4"}
    named = {f"WHERRY_JOBS_{name}": value for name, value in told.items()}

    rules = JobSettings.from_environment(TOLD | named).rules

    assert (rules.keep_hours, rules.most_mb, rules.receives) == (1, 2, 4)


def test_all_that_is_missing_or_wrong_is_named_together() -> None:
    with pytest.raises(ConfigurationError) as told:
        JobSettings.from_environment({"WHERRY_JOBS": "s3://b", "WHERRY_JOBS_MOST_MB": "0"})

    for name in ("WHERRY_JOBS_TABLE", "WHERRY_JOBS_QUEUE", "WHERRY_JOBS_MOST_MB is '0'"):
        assert name in str(told.value)


def test_a_job_is_bound_by_its_bytes_and_never_by_less_than_a_request() -> None:
    limits = JobRules(most_mb=64).limits(Limits(nonfinite="refuse", text_length=7))

    assert limits.body_bytes == limits.answer_bytes == limits.decompressed_bytes == 64 * 1024 * 1024
    assert limits.elements == limits.rows == 64 * 1024 * 1024
    assert (limits.nonfinite, limits.text_length) == ("refuse", 7)
    small = JobRules(most_mb=1).limits(Limits())
    assert small.elements == Limits().elements


def test_without_them_there_are_none_and_with_them_the_app_asks_nobody_yet() -> None:
    assert jobs_of({}) is None
    routes = jobs_of(TOLD)
    assert routes is not None

    app = App(service_of(scaled()), hooks=Hooks(jobs=routes))

    assert app.has_jobs

"""What a deploy tells: what is there now, and what to type next."""

from dataclasses import replace

from cli import views
from cli.output import Table
from wherry_control.deploy import WORK, Deployed, Report
from wherry_control.functions import Traffic

IRIS = Deployed(
    model="iris",
    stack="Wherry-dev-iris",
    function="wherry-dev-iris",
    release="1",
    model_version=1,
    digest=f"sha256:{7:064x}",
    url="https://api/dev",
    api_key_id=None,
    live=Traffic("1"),
)


def lines(target: str, *work: str) -> list[str]:
    report = Report(
        dry_run=False,
        bootstrapped=False,
        store=None,
        stacks=["Wherry-dev-iris"],
        models=[replace(IRIS, work=work)],
    )
    return [part for part in views.deployment(report, target) if not isinstance(part, Table)]


def test_a_model_that_only_answers_requests_is_told_in_two_lines() -> None:
    assert lines("local") == ["iris: https://api/dev", "Ask it: `wherry predict iris`."]


def test_each_other_kind_of_work_is_told_with_what_to_type() -> None:
    assert lines("aws", "batch", "queue", "jobs")[2:] == [
        "batch: wherry batch run iris --input s3://… --output s3://… --target aws",
        "queue: wherry queue send iris --data … --target aws",
        "jobs: POST …/v2/models/iris/jobs",
    ]
    assert lines("local", "queue")[2:] == ["queue: wherry queue send iris --data …"]


def test_what_is_told_fits_into_80_columns() -> None:
    assert all(len(line) <= 80 for line in lines("aws", *WORK))

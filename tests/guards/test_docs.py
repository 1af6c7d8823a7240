"""The docs are true: nothing is stale, dead, unparsed or unnamed; each check finds its fault."""

import inspect
import re
from pathlib import Path

import pytest

import wherry.errors
from docs import commands
from docs.blocks import blocks, needs_local_aws, outputs
from docs.build import all_findings
from docs.checks import findings, undocumented, variables
from docs.generate import errors, model_toml, steps
from models.preparation.config import TABLES
from tests.support.pages import Session
from wherry.errors import ConfigurationError, WherryError
from wherry_control.golden import golden_tolerance

FENCE = "```"


def page(folder: Path, language: str, text: str) -> Path:
    file = folder / "page.md"
    file.write_text(f"# A page\n\n{FENCE}{language}\n{text}\n{FENCE}\n")
    return file


def test_the_docs_are_in_order() -> None:
    assert all_findings() == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "wherry sail iris"),
        ("sh", "wherry train iris --sails 3"),
        ("sh", "wherry rollout set iris"),
        ("sh", "wherry deploy iris --target moon"),
        ("sh", "make setup && .venv/bin/wherry rollout sett iris"),
        ("sh no-run", 'eval "$(wherry env --bad)"'),
        ("sh", "wherry train \\\n  iris --bad # talk"),
        ("sh sometimes", "wherry train iris"),
        ("toml", "[model"),
        ("json", "{'a': 1}"),
        ("python", "def train(:"),
        ("yaml", "a: 1"),
        ("", "a picture"),
    ],
)
def test_a_block_that_would_mislead_is_found(tmp_path: Path, language: str, text: str) -> None:
    found = list(findings([page(tmp_path, language, text)]))

    assert len(found) == 1
    assert "page.md:3" in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "wherry train iris && wherry serve iris --port 8080 &",
        "AWS_REGION=eu-west-1 wherry models --target aws --json > models.json 2>/dev/null",
        "wherry publish iris   # not: wherry sail iris",
        "wherry --version; wherry local --help",
        "python - <<'EOF'\nwherry sail\nEOF\nwherry doctor",
        "curl -d '{\"a\":\n 1}' http://127.0.0.1:8080",
    ],
)
def test_a_block_that_the_command_takes_passes(tmp_path: Path, text: str) -> None:
    assert list(findings([page(tmp_path, "sh", text)])) == []


@pytest.mark.parametrize("text", ["`wherry sail`", "`wherry deploy --sails`", "`wherry local upp`"])
def test_a_sentence_that_names_what_is_not_there_is_found(tmp_path: Path, text: str) -> None:
    file = tmp_path / "page.md"
    file.write_text(f"Run {text}, then `wherry rollout set|status`, `wherry new` and `wherry …`.")

    assert len(list(findings([file]))) == 1


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("[a](b.md), [c](page.md#d), [e](https://example.com)")

    assert [found.rpartition(": ")[2] for found in findings([file])] == [
        "links to b.md, which does not exist"
    ]


def test_a_command_that_no_page_shows_is_found() -> None:
    assert any("`wherry rollout promote`" in found for found in undocumented([]))


def test_the_variables_that_the_function_needs_are_seen() -> None:
    assert {"WHERRY_DIGEST", "AWS_LAMBDA_FUNCTION_VERSION", "SSL_CERT_FILE"} <= variables()


def test_every_key_of_a_model_toml_has_a_meaning_and_no_other() -> None:
    told = {name: list(meanings) for name, meanings in model_toml.MEANINGS.items()}

    assert model_toml.keys() == told
    assert [name for name in model_toml.ABOUT if "." not in name] == list(TABLES)


def test_every_step_and_each_of_its_keys_has_a_meaning_and_no_other() -> None:
    assert steps.STEPS.keys() == steps.KINDS.keys()
    for keys, told in steps.tables().values():
        assert keys == told


def test_the_keys_of_the_rollout_table_are_those_that_its_owner_allows(tmp_path: Path) -> None:
    """They are told by the error only, so the error is asked."""
    (tmp_path / "model.toml").write_text("[rollout]\nnobody_knows = 1\n")

    with pytest.raises(ConfigurationError) as refused:
        golden_tolerance(tmp_path)

    assert refused.value.todo == f"Allowed: {', '.join(model_toml.keys()['rollout'])}."


def test_the_page_of_errors_has_every_error_once() -> None:
    ours = {
        kind
        for _, kind in inspect.getmembers(wherry.errors, inspect.isclass)
        if issubclass(kind, WherryError)
    }

    assert {kind for kind, _ in errors.tree()} == ours
    assert re.findall(r"`(\w+Error)` \| ", errors.render()) == [
        kind.__name__ for kind, _ in errors.tree()
    ]


def test_output_is_expected_only_below_a_block_that_runs(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    parts = (("sh no-run", "a"), ("text", "A"), ("sh local-aws", "b"), ("text", "B\n…\n\nC"))
    file.write_text("\n".join(f"{FENCE}{told}\n{text}\n{FENCE}" for told, text in parts))

    assert outputs(blocks(file)) == ["B", "C"]
    assert needs_local_aws(blocks(file))


def test_shown_lines_must_come_in_their_order_with_anything_for_dots() -> None:
    session = Session(0, "one   1\nnoise\ntwo sha256:abc (x)\n")

    assert session.missing(["one 1", "two sha256:… (x)"]) == []
    assert session.missing(["two …", "one 1"]) == ["one 1"]
    assert session.missing(["one", "two … (y)", "two …"]) == ["one", "two … (y)"]


def test_a_bare_group_is_no_command() -> None:
    assert commands.fault(["rollout", "iris"])
    assert commands.fault(["rollout", "set", "iris", "--weight", "10"]) == ""

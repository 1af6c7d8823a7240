"""The image's context is an allow-list: editing a test or the CLI must not publish a release."""

from pathlib import Path

import pytest


def allowed(root: Path) -> list[str]:
    lines = (root / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def copied(root: Path) -> list[str]:
    """What the Dockerfile takes from the context."""
    lines = (root / "functions/inference/Dockerfile").read_text().splitlines()
    words = [
        line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line
    ]
    return [word for line in words for word in line]


def overlap(one: str, other: str) -> bool:
    return Path(one).is_relative_to(other) or Path(other).is_relative_to(one)


def test_it_begins_by_refusing_everything(root: Path) -> None:
    rules = [
        line
        for line in (root / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]

    assert rules[0] == "*"


def test_it_allows_what_the_dockerfile_copies_and_nothing_else(root: Path) -> None:
    for source in copied(root):
        assert any(overlap(source, rule) for rule in allowed(root)), f"{source} never arrives"
    for rule in allowed(root):
        assert any(overlap(source, rule) for source in copied(root)), f"{rule} is not needed"


@pytest.mark.parametrize(
    "path", ["cli", "docs", "infra/stacks", "layers/control", "models", "tests", ".git", ".wherry"]
)
def test_it_keeps_out_what_no_image_may_hold(root: Path, path: str) -> None:
    assert not any(overlap(path, rule) for rule in allowed(root))


def test_compiled_files_of_this_machine_stay_out(root: Path) -> None:
    rules = (root / ".dockerignore").read_text().splitlines()

    assert rules[-2:] == ["**/__pycache__", "**/*.pyc"]

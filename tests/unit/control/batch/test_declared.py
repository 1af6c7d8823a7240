"""What a model.toml says of every batch run."""

from pathlib import Path

import pytest

from wherry.errors import ConfigurationError
from wherry_control.batch.declared import part_rows


def _folder(tmp_path: Path, told: str) -> Path:
    (tmp_path / "model.toml").write_text(told)
    return tmp_path


@pytest.mark.parametrize(
    ("told", "wanted"),
    [("", 0), ("[batch]\n", 0), ("[batch]\npart_rows = 40000", 40_000), ("batch = 3", 0)],
)
def test_the_rows_of_a_part_are_bounded_where_it_says_so(
    tmp_path: Path, told: str, wanted: int
) -> None:
    assert part_rows(_folder(tmp_path, told)) == wanted


@pytest.mark.parametrize("value", ["-1", "true", '"many"', "1.5"])
def test_a_bound_that_is_no_number_of_rows_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[batch\] part_rows: .* is not allowed"):
        part_rows(_folder(tmp_path, f"[batch]\npart_rows = {value}"))


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Correct the file"):
        part_rows(_folder(tmp_path, "[batch"))

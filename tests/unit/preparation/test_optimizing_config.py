"""[optimize] of model.toml."""

from pathlib import Path

import pytest

from models.preparation.optimizing.config import OptimizeTable, options_of, read_optimize
from models.preparation.optimizing.subject import OptimizeOptions
from wherry.errors import ConfigurationError

PATH = Path("models/apples/model.toml")


def test_without_the_table_all_is_as_usual() -> None:
    """Everything is tried, latency is what counts, and no variant is asked for."""
    told = read_optimize(PATH, {})

    assert told.use is None
    assert options_of(told, 1e-5, 512) == OptimizeOptions()


def test_threads_are_the_whole_vcpus_of_the_memory() -> None:
    """Lambda gives one at 1769 MB; more threads than vCPUs would take turns."""
    assert [options_of(OptimizeTable(), 1e-5, memory).threads for memory in (512, 1769, 3600)] == [
        1, 1, 2,
    ]  # fmt: skip


def test_what_is_written_is_what_is_wanted() -> None:
    """All keys."""
    told = read_optimize(
        PATH,
        {
            "optimize": {
                "use": "static_int8",
                "candidates": ["graph", "static_int8"],
                "prefer": "size",
                "metric_drop": 0.02,
                "min_gain": 0.2,
            }
        },
    )
    options = options_of(told, 1e-4, 1769)

    assert told.use == "static_int8"
    assert options.candidates == ("graph", "static_int8")
    assert (options.prefer, options.metric_drop, options.min_gain) == ("size", 0.02, 0.2)
    assert options.tolerance == 1e-4


@pytest.mark.parametrize(
    "told",
    [{"prefer": "beauty"}, {"metric_drop": 2}, {"min_gain": 1}, {"candidates": []}, {"x": 1}],
)
def test_what_is_not_allowed_is_named_with_its_file(told: dict[str, object]) -> None:
    """A word or a number that means nothing."""
    with pytest.raises(ConfigurationError) as refused:
        read_optimize(PATH, {"optimize": told})

    assert "models/apples/model.toml" in refused.value.where
    assert next(iter(told)) in str(refused.value)

"""`[slice]` of a model.toml: which part of which model this is, and where that is cut."""

from pathlib import Path

from pydantic import Field, model_validator

from models.preparation.tables import Strict, table
from wherry.errors import ConfigurationError, UsageError


class SliceTable(Strict):
    """[slice]; `cuts` are lists of tensors, one list for each cut, and so one less than parts."""

    of: str
    part: int = Field(ge=1)
    cuts: list[list[str]] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_that_part(self) -> "SliceTable":
        if self.part > len(self.cuts) + 1 or not all(self.cuts):
            raise ValueError(f"part 1 to {len(self.cuts) + 1}, and a tensor or more in each cut")
        return self


def read_slice(path: Path, told: object) -> SliceTable:
    """Raise ConfigurationError at the first thing that is not allowed."""
    keys = table(SliceTable, path, "slice", told)
    if not (path.parents[1] / keys.of).is_dir():
        raise ConfigurationError(
            f"{path}: [slice] of", f"there is no model {keys.of!r}", "Name its folder."
        )
    return keys


def no_training(model: str, keys: SliceTable) -> UsageError:
    """What `wherry train` says of a part."""
    return UsageError(
        model,
        f"it is a part of {keys.of}, and learns nothing itself",
        f"Run `wherry train {keys.of}` and prepare it, then `wherry prepare {model}`.",
    )

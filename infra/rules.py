"""What a setting may be; a refusal names the file, the key, the value and what is allowed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Protocol, Self


class ConfigurationError(Exception):
    """A file or a context value must be changed: where, what, and what to do."""

    def __init__(self, where: str, what: str, todo: str) -> None:
        super().__init__(f"{where}: {what}. {todo}")
        self.where = where
        self.what = what
        self.todo = todo


class Rule(Protocol):
    """What a value may be; as text, it completes the sentence "Allowed: …"."""

    def allows(self, value: object) -> bool: ...


@dataclass(frozen=True)
class Between:
    low: int
    high: int
    kinds: tuple[type, ...] = (int,)

    def allows(self, value: object) -> bool:
        return type(value) in self.kinds and self.low <= value <= self.high  # type: ignore[operator]

    def __str__(self) -> str:
        return f"a {'number' if float in self.kinds else 'whole number'} {self.low} to {self.high}"


@dataclass(frozen=True)
class OneOf:
    choices: tuple[str | int, ...]

    def allows(self, value: object) -> bool:
        return type(value) is type(self.choices[0]) and value in self.choices

    def __str__(self) -> str:
        return ", ".join(
            str(each).lower() if isinstance(each, bool) else str(each) for each in self.choices
        )


@dataclass(frozen=True)
class Like:
    pattern: str
    meaning: str

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return self.meaning


@dataclass(frozen=True)
class Some:
    """A list of these, each once and in this order, or an empty one."""

    choices: tuple[str, ...]

    def allows(self, value: object) -> bool:
        return isinstance(value, list) and value == [each for each in self.choices if each in value]

    def __str__(self) -> str:
        return f"a list of any of {', '.join(self.choices)}, in this order"


@dataclass(frozen=True)
class Variables:
    """A table of environment variables, of these names only."""

    names: tuple[str, ...]

    def allows(self, value: object) -> bool:
        return isinstance(value, dict) and all(
            name in self.names and isinstance(told, str) for name, told in value.items()
        )

    def __str__(self) -> str:
        return f"a table of text, by the names {', '.join(self.names)}"


def checked(where: str, key: str, value: Any, rule: Rule) -> Any:
    """The value, if the rule allows it."""
    if rule.allows(value):
        return value
    raise ConfigurationError(where, f"{key} = {value!r} is not allowed", f"Allowed: {rule}")


def known(where: str, table: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            raise ConfigurationError(where, f"{key} is no known key", f"Allowed: {', '.join(keys)}")


def setting(default: object, rule: Rule, *, key: str = "") -> Any:
    """
    A field of a table: what holds where it is not told, and what is allowed. `key` is what the
    table calls it, where that is not the field's own name.
    """
    return field(default=default, metadata={"rule": rule, "key": key})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The table `[TABLE]` of a model.toml; each of its keys is a `setting`."""

    TABLE: ClassVar[str]

    @classmethod
    def by_key(cls) -> Iterator[tuple[str, Field[Any]]]:
        """The keys of the table, and the field of each."""
        for each in fields(cls):
            yield each.metadata.get("key") or each.name, each

    @classmethod
    def read(cls, where: str, table: object) -> Self:
        where = f"{where} [{cls.TABLE}]"
        if not isinstance(table, dict):
            raise ConfigurationError(
                where, "it is no table", f"Write [{cls.TABLE}], then key = value"
            )
        keys = dict(cls.by_key())
        known(where, table, tuple(keys))
        return cls(
            **{
                keys[key].name: checked(where, key, told, keys[key].metadata["rule"])
                for key, told in table.items()
            }
        )

    @classmethod
    def found(cls, where: str, told: Mapping[str, object]) -> Self | None:
        """Of a whole model.toml, where a table that is there asks for something, even if empty."""
        return cls.read(where, told[cls.TABLE]) if cls.TABLE in told else None

"""The subscriber of the models' logs keeps what it is handed, once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from functions.operations.evidence_rollup.handler import RollUp
from tests.support.evidence_fakes import FakeEvidence
from tests.support.evidence_lines import delivery, prediction
from wherry_control.experiments.outcomes import Shard


@dataclass
class Heard:
    """What the outcomes were told."""

    exposed: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def expose(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self.exposed += lines

    def tell(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self.told += lines

    def shards(self, model: str, since: datetime, until: datetime) -> Iterator[Shard]:
        raise AssertionError((model, since, until))


def test_a_delivery_is_counted_once_and_its_facts_are_handed_on() -> None:
    """Facts have keys of their own: the outcomes keep each once."""
    heard = Heard()
    roll_up = RollUp(FakeEvidence(), heard)
    event = delivery(prediction(), prediction(arm="b"))

    assert [roll_up(event), roll_up(event)] == [{"new": 1, "known": 0}, {"new": 0, "known": 1}]
    assert [line["arm"] for line in heard.exposed] == ["b", "b"]
    assert heard.told == heard.exposed

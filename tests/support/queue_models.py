"""A model that counts its runs behind a worker, and how a test asks that worker."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from tests.support.onnx_models import one_step
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.engine import Engine
from wherry.errors import ModelError
from wherry.queue.messages import Failed, Message, Outcome
from wherry.queue.tasks import Parts
from wherry.queue.work import Worker
from wherry.service import Service

Fails = Callable[[NDArray[Any]], bool]


def negating() -> Artifact:
    """`y` is -`x`."""
    return one_step("Neg")


def a_minute() -> float:
    return 60.0


def answers(parts: Parts, *messages: Message, threads: int = 1) -> list[Outcome]:
    return Worker(parts, threads=threads).answer_all(messages, a_minute)


def told(outcome: Outcome) -> dict[str, Any]:
    assert not isinstance(outcome, Failed), outcome
    body: dict[str, Any] = json.loads(outcome.result.body)
    return body


def tensor(*values: float) -> str:
    data = {"name": "x", "datatype": "FP32", "shape": [len(values)], "data": values}
    return json.dumps({"inputs": [data]})


class Counting:
    """An engine in front of another that tells how many rows each run had, and fails on some."""

    def __init__(self, engine: Engine, fails: Fails, runs: list[int]) -> None:
        self._engine = engine
        self._fails = fails
        self._runs = runs

    @property
    def inputs(self) -> Mapping[str, str]:
        return self._engine.inputs

    @property
    def outputs(self) -> Mapping[str, str]:
        return self._engine.outputs

    def run(
        self,
        outputs: Sequence[str],
        feeds: Mapping[str, NDArray[Any]],
        times: dict[str, float] | None = None,
    ) -> list[NDArray[Any]]:
        (values,) = feeds.values()
        self._runs.append(len(values))
        if self._fails(values):
            raise ModelError("the model", f"it fails on {values}")
        return self._engine.run(outputs, feeds, times)


def counted(fails: Fails = lambda _: False, **options: Any) -> tuple[Service, list[int]]:
    """A service of the `negating` model, and how many rows each of its runs has from now on."""
    service = service_of(negating(), **options)
    assert service.rows_are_independent
    runs: list[int] = []
    service.compute_by(lambda engine: Counting(engine, fails, runs))
    return service, runs

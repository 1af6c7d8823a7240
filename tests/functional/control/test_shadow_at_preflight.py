"""
A candidate whose classes are permuted, from its shadow to its preflight: real models, the real
sending and comparing, and a whole rollout. Only Lambda, its log and the tables are in memory.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.support.events import Call, rest_api_v1
from tests.support.fake_shadows import FakeShadowLines
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.requests_v2 import request, tensor
from tests.support.rollout_world import FUNCTION, START, World, started, to_the_end
from tests.support.shadowing import nowhere
from wherry.artifact import Artifact
from wherry.beside import SHADOWED
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.lambda_events import Handler, handler_for
from wherry.manifest import GOLDEN, MODEL
from wherry.release import Release
from wherry.service import Service
from wherry.shadow.candidate import Candidate
from wherry.shadow.circuit import Circuit
from wherry.shadow.extension import Sending
from wherry.shadow.queue import Queue
from wherry.shadow.shadowing import Shadow
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.preflight import GoldenPreflight
from wherry_control.rollouts.shadow_preflight import ShadowPreflight

SAME, PERMUTED = (0, 1, 2), (1, 2, 0)
ASKED = 60  # requests, of each class as many
PATH = "/v2/models/iris/infer"


def classifier(names: tuple[int, ...]) -> Artifact:
    """`label` is the name of the largest feature; it was published with what it answers itself."""
    inputs, outputs = [spec("features", "FP32", (-1, 3))], [spec("label", "INT64")]
    nodes = [
        helper.make_node("ArgMax", ["features"], ["place"], axis=1, keepdims=0),
        helper.make_node("Gather", ["names", "place"], ["label"]),
    ]
    model = onnx_model(nodes, inputs, outputs, {"names": np.array(names, np.int64)})
    plain = sealed(model, inputs, outputs, name="iris")
    example = {"name": "first", "inputs": {"features": [[1, 0, 0]]}, "expect": {"label": names[:1]}}
    golden = json.dumps({"examples": [example]}).encode()
    return Artifact.seal(plain.manifest, {MODEL: plain.files[MODEL], GOLDEN: golden})


def service(release: str, artifact: Artifact) -> Service:
    return Service(artifact, Release("iris", int(release), release, artifact.digest))


def event_of(number: int) -> dict[str, Any]:
    features = [float(place == number % 3) for place in range(3)]
    body = request(tensor("features", "FP32", [1, 3], features))
    return rest_api_v1(Call("POST", PATH, body))


class Alias:
    """The alias `shadow`: its release answers to nobody, and leaves its lines in the log."""

    def __init__(self, candidate: Service, lines: FakeShadowLines) -> None:
        self._lines = lines
        self._candidate = Candidate(candidate, nowhere, write=self._written, now=START.timestamp)

    def send(self, event: bytes) -> None:
        self._candidate.take(json.loads(event)[SHADOWED])

    def close(self) -> None:
        """Nothing is kept open."""

    def _written(self, line: str) -> None:
        self._lines.write(FUNCTION, START, json.loads(line))


class Trial(World):
    """Release 1 is live and has its classes in order; 2 has them as `names` says."""

    def __init__(self, names: tuple[int, ...]) -> None:
        super().__init__()
        artifacts = {"1": classifier(SAME), "2": classifier(names)}
        self.services = {name: service(name, each) for name, each in artifacts.items()}
        self.lines = FakeShadowLines()
        for name, artifact in artifacts.items():
            digest = {"WHERRY_DIGEST": artifact.digest}
            handler = partial(_answer, handler_for(App(self.services[name])))
            self.functions.publish(FunctionVersion(name, environment=digest), handler)
        self._load = {each.digest: each for each in artifacts.values()}.__getitem__

    def shadowed(self, requests: int) -> None:
        """Callers of stable, each of whom the candidate answers too."""
        queue, circuit = Queue(), Circuit()
        sending = Sending(queue, Alias(self.services["2"], self.lines), circuit)
        shadow = Shadow(self.services["1"], 1, queue, circuit, nowhere, lambda: None)
        handler = handler_for(App(self.services["1"], hooks=Hooks(None, shadow)))
        for number in range(requests):
            assert handler(event_of(number), None)["statusCode"] == 200
            sending.all()
        self.later()

    def rolled_out(self) -> RolloutController:
        """A rollout of release 2, to its end."""
        check = ShadowPreflight(
            before=GoldenPreflight(functions=self.functions, load=self._load),
            functions=self.functions,
            lines=self.lines,
            clock=self.clock,
        )
        controller = replace(started(self), preflight=check)
        to_the_end(self, controller)
        return controller

    def reasons(self, action: str) -> list[str]:
        """What the ledger was told behind each such transition."""
        told = (each for each in self.ledger.entries("iris") if each.action == action)
        return [str(each.numbers["reason"]) for each in told]


def _answer(handler: Handler, event: Mapping[str, Any]) -> dict[str, Any]:
    return handler(dict(event), None)


def test_permuted_classes_are_refused_before_any_live_request() -> None:
    """Each class is answered as often as before, and its golden examples are its own answers."""
    trial = Trial(PERMUTED)
    trial.shadowed(ASKED)

    trial.rolled_out()

    assert trial.state.phase == "rolled_back"
    assert trial.last_action == "refuse"
    assert trial.functions.moves == []
    assert trial.traffic == Traffic("1")
    told = trial.ledger.entries("iris")[-1]
    assert "shadow: of 60 compared with release 1, 100 % differ" in told.reason
    assert "allowed 10 %" in told.reason
    assert "`wherry shadow report" in told.reason
    (reading,) = told.numbers["readings"]
    assert reading["metric"] == "shadow"
    assert reading["low"] > reading["margin"] == 0.1


@pytest.mark.parametrize("names", [SAME, PERMUTED])
def test_where_no_shadow_was_nothing_is_refused(names: tuple[int, ...]) -> None:
    """Then it is the judge's to find out, by live requests."""
    trial = Trial(names)

    trial.rolled_out()

    assert trial.functions.moves[0] == Traffic("1", "2", 10)
    assert trial.reasons("step")[0] == "shadow: nothing was compared with release 1"


@pytest.mark.parametrize("requests", [1, ASKED])
def test_an_equal_candidate_passes(requests: int) -> None:
    trial = Trial(SAME)
    trial.shadowed(requests)

    trial.rolled_out()

    assert trial.state.phase == "promoted"
    assert trial.traffic == Traffic("2")
    assert f"of {requests} compared with release 1, 0 % differ" in trial.reasons("step")[0]


def test_a_few_requests_that_differ_prove_nothing() -> None:
    trial = Trial(PERMUTED)
    trial.shadowed(3)

    trial.rolled_out()

    assert trial.functions.moves[0] == Traffic("1", "2", 10)

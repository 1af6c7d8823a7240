"""Micro-batching in `wherry serve`, on a model where it pays and on one where it does not."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from statistics import median

import numpy as np
import orjson
from onnx import helper

from tests.bench import wrk
from tests.bench.child import environment_of
from tests.bench.contenders import Contender, running
from tests.bench.report import Row, Section
from tests.bench.subject import BODY, INFER, Subject
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.project import ROOT
from tests.support.services import published
from wherry.artifact import Artifact

TITLE = "Micro-batching in the local server"
CONNECTIONS, SECONDS, TRIES, WARM = 32, 2.0, 7, 3.0
WIDTH, FEATURES = 1024, 64
THROUGHPUT, NEVER_BELOW = 2.0, 0.95
AUTO, OFF = "auto", "off"
NOTES = (
    f"`wrk` with {CONNECTIONS} connections, {SECONDS:g} s a try, the median of {TRIES} tries, by"
    f" turns: `--batching auto` against `--batching off`. The network has three layers of {WIDTH}"
    " units and random weights; iris is a forest of 100 trees. A request is one row, as JSON."
)


def network() -> Artifact:
    """Three dense layers: the weights are read once for a batch, and once for each row alone."""
    random = np.random.default_rng(7)
    sizes = [FEATURES, WIDTH, WIDTH, WIDTH]
    constants = {
        f"w{at}": (random.standard_normal(pair) / np.sqrt(pair[0])).astype(np.float32)
        for at, pair in enumerate(zip(sizes, [*sizes[1:], 8], strict=True))
    }
    nodes, flow = [], "x"
    for at in range(len(sizes)):
        nodes.append(helper.make_node("MatMul", [flow, f"w{at}"], [f"m{at}"]))
        nodes.append(helper.make_node("Relu", [f"m{at}"], [f"r{at}"]))
        flow = f"r{at}"
    nodes.append(helper.make_node("Identity", [flow], ["y"]))
    inputs, outputs = [spec("x", "FP32", (-1, FEATURES))], [spec("y", "FP32", (-1, 8))]
    model = onnx_model(nodes, inputs, outputs, constants)
    return sealed(model, inputs, outputs, name="network")


def section(subject: Subject) -> Section:
    if not wrk.is_here():
        return Section("batching", TITLE, wrk.MISSING, [])
    release = published(subject.folder / "network", network())
    row = {"name": "x", "shape": [1, FEATURES], "datatype": "FP32", "data": [0.5] * FEATURES}
    body = orjson.dumps({"inputs": [row]})
    told = [
        ("a network of 3 x 1024", release, "/v2/models/network/infer", body, THROUGHPUT),
        ("iris", subject.environment, INFER, BODY, NEVER_BELOW),
    ]
    rows: list[Row] = []
    for what, variables, path, asked, goal in told:
        ways = [
            Contender(way, _command(way), path, asked, environment_of(variables), ROOT)
            for way in (AUTO, OFF)
        ]
        rows += _rows(what, ways, goal)
    return Section("batching", TITLE, NOTES, rows)


def _command(way: str) -> Callable[[int], Sequence[str]]:
    return lambda port: [sys.executable, "-m", "tests.bench.children.serve", str(port), way]


def _rows(what: str, ways: list[Contender], goal: float) -> Iterator[Row]:
    loads: dict[str, list[wrk.Load]] = {AUTO: [], OFF: []}
    with ExitStack() as stack:
        urls = {way.name: stack.enter_context(running(way)) for way in ways}
        for way in ways:
            wrk.load(urls[way.name], way.body, CONNECTIONS, WARM)
        for _ in range(TRIES):
            for way in ways:
                loads[way.name].append(wrk.load(urls[way.name], way.body, CONNECTIONS, SECONDS))
    auto, off = ([load.per_second for load in loads[way]] for way in (AUTO, OFF))
    yield Row(
        f"{what}: requests",
        f"{median(auto):,.0f}/s",
        f"{median(off):,.0f}/s unbatched",
        median(auto) / median(off),
        goal,
        "at least",
    )
    auto, off = ([load.p99_ms for load in loads[way]] for way in (AUTO, OFF))
    yield Row(
        f"{what}: 99th percentile",
        f"{median(auto):.1f} ms",
        f"{median(off):.1f} ms unbatched",
        median(auto) / median(off),
        1.0 if goal > 1 else None,
    )

"""A network of images, made in PyTorch's own environment: int8, pruned, and its students."""

import subprocess
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from sklearn.datasets import load_digits

from models.preparation.optimizing.networks import NetworkRetrain
from models.preparation.optimizing.optimising import Outcome, optimize
from models.preparation.optimizing.subject import OptimizeOptions, Subject
from models.preparation.sources.environments import python_of
from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from wherry.errors import ConfigurationError, ToolError

# Written to where the first argument says: a network with a batch normalization, a pooling and a
# flattening between its layers, and one whose only layers meet in a sum.
SCRIPT = """
import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(1)
data = load_digits()
rows = torch.tensor(data.data[:1200] / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
truth = torch.tensor(data.target[:1200])
network = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
    nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2),
    nn.Linear(64 * 16, 64), nn.ReLU(), nn.Linear(64, 10),
)
optimizer = torch.optim.Adam(network.parameters(), 2e-3)
for _ in range(5):
    for some in torch.randperm(1200).split(64):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(rows[some]), truth[some]).backward()
        optimizer.step()


class Sum(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Linear(64, 10), nn.Linear(64, 10)

    def forward(self, x):
        return self.one(x.flatten(1)) + self.other(x.flatten(1))


batch = {0: torch.export.Dim("batch")}
for module, name in ((network, "network"), (Sum(), "sum")):
    program = torch.export.export(module.eval(), (rows[:2],), dynamic_shapes=(batch,))
    torch.export.save(program, f"{sys.argv[1]}/{name}.pt2")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two programs."""
    try:
        python = python_of("torch")
    except ToolError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("networks")
    subprocess.run([python, "-c", SCRIPT, str(folder)], check=True, capture_output=True)
    return folder


def to_onnx(file: Path) -> bytes:
    """As a file of PyTorch's is converted."""
    with opened_file(file, "torch", Options(task="classification")) as source:
        return source.convert()


def retrain(program: Path) -> NetworkRetrain:
    data = load_digits()
    rows = (data.data[:1200] / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    return NetworkRetrain(program, rows, data.target[:1200], "classification", to_onnx)


@pytest.fixture(scope="module")
def subject(folder: Path) -> Subject:
    data = load_digits()
    rows = (data.data / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    model = to_onnx(folder / "network.pt2")
    [name] = [each.name for each in onnx.load_from_string(model).graph.input]
    return Subject(
        model=model,
        rows={name: rows[1200:]},
        truth=data.target[1200:],
        task="classification",
        labels=list(range(10)),
        calibration={name: rows[:1200]},
        retrain=retrain(folder / "network.pt2"),
    )


def optimised(subject: Subject, *names: str, seconds: float = 2) -> Outcome:
    options = OptimizeOptions(seconds=seconds, candidates=names)
    return optimize(subject, options=options, clock=time.perf_counter, progress=lambda _: None)


def test_dynamic_int8_is_slower_on_images_and_static_int8_is_not(subject: Subject) -> None:
    """What the facts measured of a CNN: 7.6 times as slow, and faster."""
    told = optimised(subject, "dynamic_int8", "static_int8", seconds=4)

    assert "times as slow" in told.choice.reasons["dynamic_int8"]
    assert told.choice.name == "static_int8"


def test_a_pruned_network_is_smaller_and_learns_again(subject: Subject) -> None:
    """Half of the channels are about a quarter of the weights; what is left is taught."""
    told = optimised(subject, "pruned_half", "student_of_labels", "student_of_model")
    base, half, *students = told.candidates

    assert base.size is not None
    assert half.size is not None
    assert half.size < 0.35 * base.size
    for one in (half, *students):
        assert one.quality is not None, one.reason
        assert one.quality.metrics["accuracy"] > 0.8
    assert told.notes[0].startswith("Distillation ")


def test_the_layers_of_a_pruned_network_fit_each_other_and_are_the_same_again(
    subject: Subject,
) -> None:
    """32, 64 and 64 channels and 64 units become 8, 16, 16 and 16; ten answers stay."""
    assert subject.retrain is not None
    made = subject.retrain.learn("pruned_quarter")
    graph = onnx.load_from_string(made).graph
    shapes = {tuple(each.dims) for each in graph.initializer if len(each.dims) in (2, 4)}

    assert shapes == {(8, 1, 3, 3), (16, 8, 3, 3), (16, 16, 3, 3), (16, 16 * 16), (10, 16)}
    assert subject.retrain.learn("pruned_quarter") == made


def test_what_cannot_be_pruned_is_told(folder: Path) -> None:
    """Channels that are added to others, and answered, belong to nobody alone."""
    with pytest.raises(ConfigurationError, match="no layer whose channels only other layers read"):
        retrain(folder / "sum.pt2").learn("pruned_half")

"""
In PyTorch's own environment: a network made smaller, taught again, and kept as a program.

It is the user's own network, which `wherry train` kept; what is asked comes as JSON, rows as .npz.
The same rows give the same program: one thread, one seed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from models.preparation.carried import told
from models.preparation.optimizing.torch_pruning import prune
from models.preparation.sources.crossing import read_arrays
from models.preparation.sources.torch_exported import quiet
from wherry.errors import ConfigurationError, WherryError

KEPT = {"pruned_half": 0.5, "pruned_quarter": 0.25}
EPOCHS = {"pruned": 6, "student": 20}
RATE, AT_ONCE, WIDTH = 1e-3, 64, 32
SURE = 1e-4  # how near to 1 probabilities add up
TINY = 1e-7


def _smaller(name: str, teacher: Any, rows: Any, answers: Any) -> Any:
    """Pruned, or a student of one hidden layer that answers as the teacher does."""
    import torch
    from torch import nn

    if name in KEPT:
        if not prune(teacher, KEPT[name]):
            raise ConfigurationError(
                "the network", "it has no layer whose channels only other layers read"
            )
        return teacher
    inputs = int(torch.tensor(rows.shape[1:]).prod())
    parts = [nn.Flatten(), nn.Linear(inputs, WIDTH), nn.ReLU(), nn.Linear(WIDTH, answers.shape[1])]
    return nn.Sequential(*parts, *([nn.Softmax(dim=1)] if _is_share(answers) else []))


def _is_share(answers: Any) -> bool:
    """Whether a network answers probabilities, one a class."""
    return bool(
        answers.shape[1] > 1 and (answers >= 0).all() and ((answers.sum(1) - 1).abs() < SURE).all()
    )


def _loss(task: str, answers: Any, wanted: Any, *, share: bool) -> Any:
    """`wanted` is the right classes, what a teacher gave each, or numbers."""
    from torch.nn import functional as f

    if task != "classification":
        return f.mse_loss(answers, wanted.reshape(answers.shape))
    if answers.shape[1] == 1:
        yes = wanted.to(answers.dtype).reshape(answers.shape)
        return f.binary_cross_entropy(answers.clamp(TINY, 1 - TINY), yes)
    if share:
        answers = answers.clamp_min(TINY).log()
    return f.cross_entropy(answers, wanted)


def _taught(model: Any, rows: Any, wanted: Any, *, task: str, epochs: int) -> None:
    import torch

    share = _is_share(model(rows[:AT_ONCE]).detach())
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(epochs):
        for some in torch.randperm(len(rows)).split(AT_ONCE):
            optimizer.zero_grad()
            _loss(task, model(rows[some]), wanted[some], share=share).backward()
            optimizer.step()


def learn(asked: dict[str, Any]) -> None:
    """Write the program of `asked["name"]` to `asked["out"]`."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    arrays = read_arrays(Path(asked["rows"]), asked["names"])
    with quiet():
        teacher = torch.export.load(asked["program"]).module()
        rows, truth = torch.from_numpy(arrays["X"]), torch.from_numpy(arrays["y"])
        with torch.no_grad():
            answers = teacher(rows)
        wanted = truth
        if asked["name"] == "student_of_model":
            is_logit = asked["task"] == "classification" and not _is_share(answers)
            wanted = answers.softmax(1) if is_logit and answers.shape[1] > 1 else answers
        model = _smaller(asked["name"], teacher, rows, answers)
        epochs = EPOCHS["pruned" if asked["name"] in KEPT else "student"]
        _taught(model, rows, wanted, task=asked["task"], epochs=epochs)
        with torch.no_grad():
            batch = {0: torch.export.Dim("batch")}
            program = torch.export.export(model, (rows[:2],), dynamic_shapes=(batch,))
        torch.export.save(program, asked["out"])


if __name__ == "__main__":
    wish = json.loads(sys.argv[1])
    try:
        learn(wish)
    except WherryError as failure:
        Path(wish["fault"]).write_text(json.dumps(told(failure)))

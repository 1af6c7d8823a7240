"""
Run by the torch environment's Python: writes networks of several kinds into a folder.

Untrained weights from a fixed seed: what matters here is that both sides of a conversion agree.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.preparation.sources.torch_files import kept


class Cnn(nn.Module):  # type: ignore[misc, unused-ignore] # torch has no types here
    """Images to ten logits, with all that differs between training and answering."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.last = nn.Linear(4 * 64, 10)
        self.norm.running_mean.normal_()
        self.norm.running_var.uniform_(0.5, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(image)))
        return self.last(self.drop(x.flatten(1)))


class Whole(Cnn):
    """Images as bytes."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(image.float() / 255)))
        return self.last(self.drop(x.flatten(1)))


class Words(nn.Module):  # type: ignore[misc, unused-ignore] # torch has no types here
    """Whole numbers for words to three probabilities."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(20, 8)
        self.last = nn.Linear(8, 3)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.last(self.table(tokens).mean(1)), 1)


class One(nn.Module):  # type: ignore[misc, unused-ignore] # torch has no types here
    """Four columns to one number: a regression, or the logit of two labels."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.last = nn.Linear(4, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.last(features).squeeze(1)


class Chance(One):
    """The probability of the second of two labels."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.last(features))


class Several(One):
    """Two answers by name, one of them called as a label would be."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return {"score": self.last(features), "label": features * 2}


def write(folder: Path) -> None:
    table = np.ones((2, 4), np.float32)
    image = np.ones((2, 1, 8, 8), np.float32)
    kept(Cnn(), image, folder / "cnn.pt2")
    kept(Whole(), image.astype(np.uint8), folder / "bytes.pt2")
    kept(Words(), np.ones((2, 7), np.int64), folder / "words.pt2")
    kept(One(), table[:1], folder / "one.pt2")
    kept(Chance(), table, folder / "chance.pt2")
    kept(Several(), table, folder / "several.pt2")
    rows = torch.from_numpy(image)
    save = torch.export.save
    save(torch.export.export(Cnn().eval(), (rows,)), folder / "fixed.pt2")
    save(torch.export.export(Cnn().train(), (rows,)), folder / "learning.pt2")
    mixed = torch.export.export(Mixed().eval(), (rows,))
    save(mixed, folder / "mixed.pt2")
    torch.jit.script(Cnn()).save(folder / "script.pt")
    torch.save(Cnn(), folder / "module.pt")
    torch.save(Cnn().state_dict(), folder / "weights.pt")


class Mixed(nn.Module):  # type: ignore[misc, unused-ignore] # torch has no types here
    """Its answer to a row depends on the other rows."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return (image - image.mean(0)).flatten(1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    write(Path(sys.argv[1]))

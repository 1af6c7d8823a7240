"""
`wherry new NAME`: a model folder that trains, prepares and serves as it is, to be made one's own.

It refuses to write over anything, and writes the whole folder in one step.
"""

from pathlib import Path

from models.preparation.folders import new_folder, written

TEMPLATES = {
    "train.py": '''\
"""Which of three growers a wine is from. Put your own data and estimator here."""

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.preparation import Trained


def train(*, c: float = 1.0, seed: int = 7) -> Trained:
    """Learn from three quarters of the rows. The keywords are what [train] may set."""
    X, y = load_wine(return_X_y=True)
    X = X[:, [0, 6, 9]]  # alcohol, flavanoids, color_intensity
    X_train, X_held_out, y_train, y_held_out = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=c))
    return Trained(
        estimator=classifier.fit(X_train, y_train),
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
    )
''',
    "model.toml": """\
[model]
name = "{name}"
task = "classification" # or "regression"
description = "Which of three growers a wine is from."

# One for each column, in order.
[[features]]
name = "alcohol"
unit = "%"
minimum = 11.03
maximum = 14.83
example = 13.05

[[features]]
name = "flavanoids"
minimum = 0.34
maximum = 5.08
example = 2.13

[[features]]
name = "color_intensity"
minimum = 1.28
maximum = 13.0
example = 4.69

[train] # the keywords of train()
c = 1.0

[prepare]
tolerance = 1e-5 # how far a probability may be off after conversion

[deploy]
memory_mb = 512
""",
    "golden.json": """\
{
  "examples": [
    {
      "name": "what every version must get right",
      "inputs": {"features": [[14.1, 3.3, 6.1], [12.1, 2.2, 2.1], [13.2, 0.6, 10.0]]},
      "expect": {"label": [0, 1, 2]}
    }
  ]
}
""",
    "CARD.md": """\
# {name}

**What it does.** Says which of three growers a wine is from, by three measurements.

**What it is for.** A place to start from. Say here what yours is for, and what it is not for.

## Data

178 wines of three growers in one region of Italy (UCI, 1991; `sklearn.datasets.load_wine`). Three
quarters are learnt, one quarter is held out.

## How good it is

`wherry train {name}` prints the accuracy on the held-out rows. Write it here, and how sure you are.

## Limits

Whom does it fail? What has it never seen? What must nobody use it for?
""",
}


def new_model(models: Path, name: str, *, dry_run: bool = False) -> list[Path]:
    """Write the folder `name` below `models`, unless it is a dry run; return its files."""
    folder = new_folder(models, name)
    if not dry_run:
        with written(folder) as draft:
            for file, text in TEMPLATES.items():
                (draft / file).write_text(text.replace("{name}", name))
    return [folder / file for file in TEMPLATES]

"""
The voyage that `wherry demo` makes: the commands that a user would type, one after the other.

Each step is one `wherry` command in a process of its own, and what it must have come to: a demo
that cannot fail would show nothing. What the commands say of their work goes to a log.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.output import Output
from cli.views import short
from wherry.errors import UsageError, WherryError

Outcome = Mapping[str, Any]
MARKER = "demo"
REQUESTS = 300
SECOND_ESTIMATOR = "logistic_regression"


@dataclass(frozen=True)
class Step:
    """What it is for, the command, and what it came to in a few words."""

    title: str
    words: tuple[str, ...]
    tell: Callable[[Outcome], str]

    @property
    def command(self) -> str:
        return " ".join(("wherry", *self.words))


def voyage(port: int) -> tuple[Step, ...]:
    """From nothing to a rolled back candidate, on a local AWS at that port."""
    start = ("local", "up", "--fresh", "--port", str(port))
    return (
        Step("start a local AWS", start, _started),
        Step("deploy the model store", ("deploy", "--bootstrap", "--store"), _store),
        *_version(1),
        Step("predict by HTTP", ("predict", "iris"), _predicted),
        *_version(2, "--set", f"estimator={SECOND_ESTIMATOR}"),
        Step("10 % to release 2", ("rollout", "set", "iris", "--weight", "10"), _moved),
        Step(f"{REQUESTS} requests", _asks(REQUESTS), _split({"1", "2"})),
        Step("promote release 2", ("rollout", "promote", "iris"), _moved),
        Step("50 requests", _asks(50), _split({"2"})),
        Step("roll back", ("rollout", "rollback", "iris"), _moved),
        Step("50 requests", _asks(50), _split({"1"})),
    )


def _version(number: int, *options: str) -> tuple[Step, ...]:
    publish = ("publish", "iris", "--target", "local")
    return (
        Step(f"train version {number}", ("train", "iris", *options), _trained),
        Step("convert and verify", ("prepare", "iris"), _prepared),
        Step(f"publish version {number}", publish, _published(number)),
        Step(f"deploy release {number}", ("deploy", "iris"), _deployed(str(number))),
    )


def _asks(times: int) -> tuple[str, ...]:
    return ("predict", "iris", "--repeat", str(times))


@dataclass(frozen=True)
class Leg:
    """A step that was made: what happened, and the seconds that it took."""

    step: str
    outcome: str
    seconds: float


def sail(steps: Sequence[Step], root: Path, log: Path, out: Output) -> list[Leg]:
    """Make every step; the last leg is the whole voyage."""
    log.unlink(missing_ok=True)
    legs = []
    for step in steps:
        out.note(f"$ {step.command}")
        started = time.monotonic()
        with out.working(step.title):
            told = run(step, root, log)
        legs.append(Leg(step.title, told, round(time.monotonic() - started, 1)))
    total = sum(leg.seconds for leg in legs)
    return [*legs, Leg("the whole voyage", "done", round(total, 1))]


def check_ours(folder: Path) -> None:
    """Raise UsageError if the local AWS in `folder` is not one that a demo made."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError(
            "wherry demo",
            f"the local AWS in {folder} holds work of yours, and the demo starts from nothing",
            "Make the demo in another checkout, or `wherry local down` and remove that folder.",
        )


def claim(folder: Path) -> None:
    """Mark the local AWS in `folder` as one that the next demo may throw away."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def leave(folder: Path, *, keep: bool) -> None:
    """Once the voyage is made, the next demo owns nothing: what is kept is the user's own."""
    if keep:
        (folder / MARKER).unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def run(step: Step, root: Path, log: Path) -> str:
    """Run the step's command; return what it came to, or raise the error that it ended with."""
    with log.open("a") as talk:
        talk.write(f"\n$ {step.command}\n")
        talk.flush()
        done = subprocess.run(
            [sys.executable, "-m", "cli", *step.words, "--json"],
            cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=talk, check=False,
        )  # fmt: skip
        talk.write(done.stdout.decode(errors="replace"))
    try:
        told: Outcome = json.loads(done.stdout)
    except ValueError:
        told = {"error": {"what": f"it ended with code {done.returncode}"}}
    if "error" in told:
        error = told["error"]
        what = ": ".join(filter(None, [error.get("where"), error["what"]]))
        raise WherryError(step.command, what, error.get("todo") or f"See {log}.")
    return step.tell(told)


def _expect(claim: str, *, holds: bool) -> None:
    if not holds:
        raise WherryError("demo", f"expected that {claim}; it is not so")


def _started(told: Outcome) -> str:
    return f"{told['endpoint']}, {told['packaging']} functions"


def _store(told: Outcome) -> str:
    return str(told["store"])


def _trained(told: Outcome) -> str:
    estimator = told["estimator"].rpartition(" > ")[2]
    return f"{estimator}, accuracy {told['metrics']['accuracy']:.3f}"


def _prepared(told: Outcome) -> str:
    parity = told["manifest"]["parity"]
    off = parity["max_absolute_error"]
    return f"labels agree {parity['label_agreement']:.0%}, off by {off:.1e}"


def _published(number: int) -> Callable[[Outcome], str]:
    def tell(told: Outcome) -> str:
        _expect(f"version {number} is published", holds=told["version"] == number)
        return short(told["digest"])

    return tell


def _deployed(release: str) -> Callable[[Outcome], str]:
    def tell(told: Outcome) -> str:
        found = told["models"][0]
        live = found["live"]
        _expect(f"release {release} is published", holds=found["release"] == release)
        _expect("live stays on release 1", holds=live["stable"] == "1" and not live["candidate"])
        return f"live: release {live['stable']} 100 %"

    return tell


def _predicted(told: Outcome) -> str:
    label = told["outputs"][0]["data"][0]
    return f"{label}, by release {told['release']}, version {told['model_version']}"


def _moved(told: Outcome) -> str:
    after = told["change"]["after"]
    _expect("the alias moved", holds=told["moved"])
    if after["candidate"] is None:
        return f"live: release {after['stable']} 100 %"
    weight = after["weight"]
    return f"live: release {after['stable']} {100 - weight:g} %, {after['candidate']} {weight:g} %"


def _split(releases: set[str]) -> Callable[[Outcome], str]:
    def tell(told: Outcome) -> str:
        named = " and ".join(sorted(releases))
        _expect(f"release {named} answered, and no other", holds=set(told) == releases)
        return ", ".join(f"release {name}: {count}" for name, count in told.items())

    return tell

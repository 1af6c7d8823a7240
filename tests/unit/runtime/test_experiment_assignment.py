"""Who is in which arm: the same everywhere, in the shares that were asked for."""

import itertools
import json
import subprocess
import sys
from math import sqrt

import msgspec
import pytest

from wherry.errors import ConfigurationError
from wherry.experiments.assignment import assign
from wherry.experiments.spec import Arm, Experiment

DIGEST = "sha256:" + "a" * 64
SUBJECTS = [f"customer-{number}" for number in range(10_000)]
SIGMAS = 5


def an_experiment(*buckets: tuple[tuple[int, int], ...], salt: str = "5a" * 16) -> Experiment:
    """Arms `arm-0`, `arm-1`, … with these buckets; half and half where none are told."""
    ranges = buckets or (((0, 5000),), ((5000, 10_000),))
    arms = tuple(Arm(f"arm-{i}", i + 1, DIGEST, each) for i, each in enumerate(ranges))
    return Experiment("colours", salt, "header:x-user-id", "clicked", arms)


def test_the_same_subjects_are_in_the_same_arms_in_another_process() -> None:
    """Neither Python's own hash, which differs by process, nor an order of asking has a part."""
    experiment = an_experiment()
    script = (
        "import sys\n"
        "from wherry.experiments.spec import Experiment\n"
        "from wherry.experiments.assignment import assign\n"
        "found = Experiment.read(sys.argv[1])\n"
        "for n in reversed(range(10_000)): print(*assign(found, f'customer-{n}')[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, experiment.to_text()],
        capture_output=True,
        check=True,
        text=True,
    )
    elsewhere = done.stdout.split()[::-1]

    assert elsewhere == [assign(experiment, subject).pseudonym for subject in SUBJECTS]


def test_what_a_subject_gets_is_as_it_was_when_this_was_written() -> None:
    """A change here would move every subject of every experiment that runs."""
    told = [assign(an_experiment(), subject) for subject in ("alice", "bob", "Zoë", "")]

    assert [(each.arm.name, each.pseudonym) for each in told] == [
        ("arm-0", "da333b5513bee6db"),
        ("arm-1", "197765a9339f2593"),
        ("arm-1", "efd716e9a6d89a74"),
        ("arm-0", "bcb0b79504b2296c"),
    ]


@pytest.mark.parametrize(
    "ends", [(5000,), (100,), (3333, 6667), (1, 9999), (2500, 5000, 7500)], ids=str
)
def test_each_arm_has_its_share_of_the_subjects(ends: tuple[int, ...]) -> None:
    cuts = (0, *ends, 10_000)
    experiment = an_experiment(*(((b, e),) for b, e in itertools.pairwise(cuts)))

    names = [assign(experiment, subject).arm.name for subject in SUBJECTS]

    for arm in experiment.arms:
        share = arm.width / 10_000
        allowed = SIGMAS * sqrt(len(SUBJECTS) * share * (1 - share))
        assert abs(names.count(arm.name) - share * len(SUBJECTS)) <= allowed


def test_two_experiments_do_not_know_each_others_arms() -> None:
    """Of those in one arm here, half are in either arm there."""
    one, other = an_experiment(), an_experiment(salt="a5" * 16)

    both = [
        (assign(one, subject).arm.name, assign(other, subject).arm.name) for subject in SUBJECTS
    ]

    for pair in ((a, b) for a in ("arm-0", "arm-1") for b in ("arm-0", "arm-1")):
        assert abs(both.count(pair) - 2500) <= SIGMAS * sqrt(10_000 * 0.25 * 0.75)


def test_a_pseudonym_tells_nothing_of_the_bucket() -> None:
    told = [assign(an_experiment(), subject) for subject in SUBJECTS]

    high = [each.arm.name == "arm-1" for each in told if int(each.pseudonym, 16) >> 63]

    assert abs(sum(high) - len(high) / 2) <= SIGMAS * sqrt(len(high)) / 2
    assert len({each.pseudonym for each in told}) == len(SUBJECTS)


def test_an_experiment_reads_what_it_writes() -> None:
    experiment = an_experiment(((0, 100), (300, 10_000)), ((100, 300),))

    assert Experiment.read(experiment.to_text()) == experiment


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"salt": "short"}, "no experiment"),
        ({"subject": "cookie:id"}, "no experiment"),
        ({"name": "Colours"}, "no experiment"),
        ({"name": "colours\n"}, "no experiment"),
        ({"more": 1}, "no experiment"),
        ({"arms": []}, "10000 buckets"),
        ({"arms": [["0", [0, 5000]], ["1", [5000, 9999]]]}, "10000 buckets"),
        ({"arms": [["0", [0, 5000]], ["1", [4999, 10_000]]]}, "10000 buckets"),
        ({"arms": [["0", [1, 5000]], ["1", [5000, 10_000]]]}, "10000 buckets"),
        ({"arms": [["0", [0, 5000]], ["1", [5000, 5000]], ["2", [5000, 10_000]]]}, "10000"),
        ({"arms": [["0", [0, 5000]], ["0", [5000, 10_000]]]}, "one name"),
        ({"arms": [["0", [0, 10_001]]]}, "no experiment"),
    ],
)
def test_what_is_no_experiment_is_refused_with_the_way_out(
    change: dict[str, object], said: str
) -> None:
    told = msgspec.to_builtins(an_experiment())
    if "arms" in change:
        change["arms"] = [
            {"name": f"arm-{name}", "version": 1, "digest": DIGEST, "buckets": [buckets]}
            for name, buckets in change["arms"]  # type: ignore[attr-defined]
        ]

    with pytest.raises(ConfigurationError, match=said) as caught:
        Experiment.read(json.dumps(told | change))

    assert caught.value.where == "WHERRY_EXPERIMENT"
    assert "wherry experiment lock" in caught.value.todo

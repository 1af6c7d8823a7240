"""`python -m tests.proof --schedules 10000`: search for one that loses or doubles something."""

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000, help="of each kind of work")
    asked = parser.parse_args()
    os.environ["PROOF_SCHEDULES"] = str(asked.schedules)
    return pytest.main(
        ["-v", "--show-capture=no", str(Path(__file__).with_name("test_no_loss.py"))]
    )


if __name__ == "__main__":
    sys.exit(main())

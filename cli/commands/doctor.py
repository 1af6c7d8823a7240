"""`wherry doctor`."""

import os
import sys
from pathlib import Path

import typer

from cli import views
from cli.call import Call, command

app = typer.Typer()


@command(app, "doctor", "wherry doctor", "wherry doctor --target aws --json", target="local")
def doctor(call: Call) -> None:
    """Check this machine, the models and the target; change nothing."""
    from cli.checks import model_checks
    from infra.local_aws.engine import find_engine
    from wherry_control.doctor import ThisMachine, examine

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = examine(
        call.project,
        ThisMachine(path),
        engine=lambda: find_engine(call.project.state / "cache").kind,
        target=lambda: call.target,
        model_checks=model_checks(call.project.root),
    )
    call.out.result(found, views.findings(found))
    if any(item.severity == "error" for item in found):
        raise typer.Exit(1)

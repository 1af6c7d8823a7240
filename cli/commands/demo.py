"""`wherry demo`."""

from typing import Annotated

import typer

from cli import views
from cli.call import Call, command

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port on 127.0.0.1.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the local AWS running at the end, for you.")
]


app = typer.Typer()


@command(app, "demo", "wherry demo", "wherry demo --keep", target="none")
def demo(call: Call, *, port: Port = 4566, keep: Keep = False) -> None:
    """
    Make the whole voyage on the local AWS: train, publish, deploy, canary, promote, roll back.

    It starts from nothing each time, and refuses where the local AWS holds work of yours.
    """
    from cli.demo import check_ours, claim, leave, sail, voyage
    from infra.local_aws import down

    folder = call.project.local
    check_ours(folder)
    down(folder)
    claim(folder)
    try:
        log = call.project.state / "demo.log"
        legs = sail(voyage(port), call.project.root, log, call.out)
    finally:
        if not keep:
            down(folder)
    leave(folder, keep=keep)
    call.out.result(legs, views.voyage(legs))

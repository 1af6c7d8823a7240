"""`wherry console`."""

import sys
import webbrowser
from typing import Annotated

import typer

from cli.board import board, place
from cli.call import Call, command

PORT = 8790

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any.")]
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Print the address; open no browser.")
]

app = typer.Typer()


@command(
    app,
    "console",
    "wherry console",
    "wherry console --target aws --environment prod --no-browser",
    target="local",
)
def console(call: Call, *, port: Port = PORT, no_browser: NoBrowser = False) -> None:
    """
    Watch rollouts in a page on this machine, and pause, promote or roll back by its buttons.

    It listens on 127.0.0.1 alone. The address holds a token: whoever has it, and is on this
    machine, acts with your credentials. With --json, it is printed and no browser is opened.
    """
    from wherry_control.console.serve import serve_console

    serve_console(
        board(call),
        place=place(call),
        port=port,
        ready=lambda url: _ready(call, url, browse=not no_browser),
    )


def _ready(call: Call, url: str, *, browse: bool) -> None:
    call.out.result({"url": url}, [url])
    sys.stdout.flush()  # whoever reads it through a pipe must not wait for the end
    call.out.note("The console answers there until Ctrl+C.")
    if browse and not call.json:
        webbrowser.open(url)

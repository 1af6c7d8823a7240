"""`wherry predict`."""

from pathlib import Path
from typing import Annotated

import typer

from cli import compose, views
from cli.call import Call, command
from wherry.errors import UsageError

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="The model's folder name.")]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="Rows as JSON, or inputs by name; @FILE reads a file. Else the first golden example.",
    ),
]
File = Annotated[
    Path | None,
    typer.Option("--file", help="Send a file: an image, a text, CSV or rows in JSON."),
]
Url = Annotated[
    str | None, typer.Option("--url", help="Ask this address (`wherry serve`), not a target.")
]
Repeat = Annotated[
    int, typer.Option("--repeat", min=1, help="Ask so often; show how releases shared the answers.")
]
Each = Annotated[
    bool, typer.Option("--each", help="Send one row of --data at a time, each in its turn.")
]
Rate = Annotated[
    float | None, typer.Option("--rate", min=0.01, help="At most so many requests a second.")
]


app = typer.Typer()


@command(
    app,
    "predict",
    "wherry predict iris",
    "wherry predict iris --data '[[5.1, 3.5, 1.4, 0.2]]' --target aws",
    "wherry predict digits --file three.png",
    "wherry predict iris --repeat 200",
    "wherry predict iris --data @rows.json --each --repeat 3000 --rate 20",
    "wherry predict iris --url http://127.0.0.1:8080",
    target="local",
)
def predict(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    data: Data = None,
    file: File = None,
    url: Url = None,
    repeat: Repeat = 1,
    each: Each = False,
    rate: Rate = None,
) -> None:
    """Ask a deployed model over HTTP, with its API key or your signature."""
    from wherry_control.pacing import at_rate
    from wherry_control.predict import (
        ask,
        ask_plainly,
        read_inputs,
        split_by_release,
    )

    folder = call.project.model_folder(model)
    if file and data:
        raise UsageError("--file", "--data came too", "Send one of them.")
    pace = at_rate(rate) if rate else lambda: None
    with compose.caller(call, model, url) as caller:
        answers = (
            ask_plainly(caller, model, file, repeat)
            if file
            else ask(caller, model, read_inputs(data, folder), repeat, each=each, pace=pace)
        )
    if repeat == 1:
        call.out.result(answers[0], views.prediction(answers[0]))
    else:
        counts = split_by_release(answers)
        call.out.result(counts, views.split(counts))

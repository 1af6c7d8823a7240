"""
One run of a command: the options that many commands share, and what they stand for.

`command` adds the shared options to a command's own and hands them over as a `Call`, whose parts
are made when first asked for. So a command that needs no AWS imports none of it.
"""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.output import Output, terminal
from wherry_control.project import Project

if TYPE_CHECKING:
    from boto3 import Session

    from wherry_control.gateway import Gateway
    from wherry_control.targets import Target

TARGETED = "On which AWS"
TargetName = Literal["local", "aws"]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")]
TargetOption = Annotated[
    TargetName | None,
    typer.Option(
        "--target", help="The local AWS, or the one of your credentials.", rich_help_panel=TARGETED
    ),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="AWS profile, for --target aws.", rich_help_panel=TARGETED),
]
Region = Annotated[
    str | None,
    typer.Option("--region", help="AWS region, for --target aws.", rich_help_panel=TARGETED),
]
EnvironmentOption = Annotated[
    Literal["dev", "prod"],
    typer.Option("--environment", help="Which copy of everything.", rich_help_panel=TARGETED),
]


@dataclass(frozen=True)
class Call:
    """The shared options as given."""

    json: bool = False
    debug: bool = False
    dry_run: bool = False
    target_name: TargetName | None = None
    profile: str | None = None
    region: str | None = None
    environment: Literal["dev", "prod"] = "dev"

    @cached_property
    def out(self) -> Output:
        return terminal(as_json=self.json)

    @cached_property
    def project(self) -> Project:
        return Project.find(Path.cwd())

    @cached_property
    def target(self) -> "Target":
        """This process acts on one target: its identity becomes the process's own."""
        from wherry_control.targets import ENDPOINT, load_target

        target = load_target(
            self.target_name or "local",
            root=self.project.root,
            environment=self.environment,
            profile=self.profile,
            region=self.region,
        )
        environ = target.environ(os.environ)
        if ENDPOINT in environ.keys() - target.variables.keys():
            self.out.note(f"note: {ENDPOINT} is set; this acts on {environ[ENDPOINT]}, not on AWS")
        for name in set(os.environ) - set(environ):
            del os.environ[name]
        os.environ.update(environ)
        return target

    @cached_property
    def session(self) -> "Session":
        from boto3 import Session

        return Session(region_name=self.target.region)

    @cached_property
    def cloud(self) -> "Gateway":
        from wherry_control.gateway import Gateway

        return Gateway(self.session)


def command(
    app: typer.Typer,
    name: str,
    *examples: str,
    dry_run: bool = False,
    target: TargetName | Literal["none"] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """
    Register a command: its own options, then the shared ones; its examples, then its docstring.

    `target` is the default of --target; None takes a store without AWS; "none" has no such options.
    """
    shared = [_option("json", Json, default=False), _option("debug", Debug, default=False)]
    if dry_run:
        shared.insert(0, _option("dry_run", DryRun, default=False))
    if target != "none":
        shared += [
            _option("target_name", TargetOption, default=target),
            _option("profile", Profile, default=None),
            _option("region", Region, default=None),
            _option("environment", EnvironmentOption, default="dev"),
        ]

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

        def run(**given: Any) -> None:
            function(Call(**{item.name: given.pop(item.name) for item in shared}), **given)

        parameters = [*(item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own), *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {item.name: item.annotation for item in parameters}
        summary, _, rest = inspect.getdoc(function).partition("\n\n")  # type: ignore[union-attr]
        told = "\n\n".join(filter(None, [help_examples(examples), summary, rest]))
        app.command(name, help=told, short_help=summary)(run)
        return function

    return register


def help_examples(examples: tuple[str, ...]) -> str:
    """A block that the help prints as it stands."""
    return "\n".join(["\b", "Examples:", *(f"  {example}" for example in examples)])


def _option(name: str, annotation: Any, *, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)

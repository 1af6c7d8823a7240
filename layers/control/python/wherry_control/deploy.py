"""
Deploy: check that the stacks can be deployed, let the CDK do it, and tell what it published.

A deploy publishes releases; it moves no live traffic (docs/decisions/0001-alias-ownership.md). Two
deploys of one checkout to one target exclude each other by a lock that dies with its process;
deploys from elsewhere show in the state of the stack, which is looked at first.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wherry.errors import CloudError, ConflictError
from wherry_control.functions import Functions, Traffic
from wherry_control.gateway import Stack
from wherry_control.releases import releases_of
from wherry_control.targets import Target

BROKEN = ("ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")
# kinds of work beside requests, and the output of a stack that has one
WORK = {"batch": "BatchMachineArn", "queue": "MessagesQueueUrl", "jobs": "JobsQueueUrl"}
UNBORN = ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")


class Cloud(Functions, Protocol):
    """What a deploy asks of AWS beside the CDK."""

    def stack(self, name: str) -> Stack | None: ...


class Tool(Protocol):
    """The CDK (`wherry_control.cdk.Cdk`), or a fake one."""

    def bootstrap(self) -> None: ...
    def deploy(self, stacks: Sequence[str]) -> None: ...
    def diff(self, stacks: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class Deployed:
    """
    A model on a target: the release that the last deploy published, and where live points; `work`
    is what it takes beside requests, of batch, queue and jobs.
    """

    model: str
    stack: str
    function: str
    release: str
    model_version: int | None
    digest: str
    url: str
    api_key_id: str | None
    live: Traffic
    work: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one `wherry deploy` asks for; models without a lock are refused before this is made."""

    models: Sequence[str] = ()
    store: bool = False
    bootstrap: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """
    What one `wherry deploy` did; after a dry run, which stacks it would have deployed.

    `rollouts` are the names of those that it began.
    """

    dry_run: bool
    bootstrapped: bool
    store: str | None
    stacks: Sequence[str]
    models: Sequence[Deployed]
    rollouts: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """
    Deploys on one target.

    `check` raises unless the models can be deployed; `prepare` makes the files that the stacks are
    built from.
    """

    root: Path
    target: Target
    cloud: Cloud
    cdk: Tool
    check: Callable[[Sequence[str]], object]
    prepare: Callable[[], object]
    dry_run: bool = False

    def run(self, request: Request) -> Report:
        """Prepare the account, deploy what all models share, deploy models: what was asked."""
        shared = [self.target.store_stack, self.target.operations_stack]
        stacks = shared if request.store else []
        stacks += [self.target.stack(model) for model in request.models]
        self.check(request.models)
        with self._alone():
            if request.bootstrap and not self.dry_run:
                self.cdk.bootstrap()
            if stacks:
                self._deploy(stacks)
        return Report(
            dry_run=self.dry_run,
            bootstrapped=request.bootstrap and not self.dry_run,
            store=self.target.store_url if request.store else None,
            stacks=stacks,
            models=[] if self.dry_run else [self._deployed(model) for model in request.models],
        )

    def _deployed(self, model: str) -> Deployed:
        return deployed(self.cloud, self.target, model)

    def _deploy(self, stacks: Sequence[str]) -> None:
        self.prepare()
        if self.dry_run:
            self.cdk.diff(stacks)
            return
        for name in stacks:
            check_state(self.cloud.stack(name), name)
        self.cdk.deploy(stacks)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold this checkout's deploy lock: all targets are deployed from the same `build/`."""
        file = self.root / ".wherry" / "deploy.lock"
        file.parent.mkdir(exist_ok=True)
        with file.open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                held.seek(0)
                other = held.read().strip() or "unknown"
                raise ConflictError(
                    f"deploy to {self.target.name}",
                    f"another deploy from this checkout is running (process {other})",
                    "Wait until it is done, then try again.",
                ) from error
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            yield


def deployed(cloud: Cloud, target: Target, model: str) -> Deployed:
    """What is deployed of a model; raise CloudError if nothing is."""
    name = target.stack(model)
    stack = cloud.stack(name)
    if stack is None or "FunctionName" not in stack.outputs:
        raise CloudError(
            name,
            f"{model} is not deployed on target {target.name}",
            f"Run `wherry deploy {model} --target {target.name}`.",
        )
    told = stack.outputs
    releases = {item.release: item for item in releases_of(cloud, told["FunctionName"])}
    release = releases.get(told["Version"])
    return Deployed(
        model=model,
        stack=name,
        function=told["FunctionName"],
        release=told["Version"],
        model_version=release.model_version if release else None,
        digest=release.digest if release else "",
        url=target.url(told["RestApiId"], told["Stage"]),
        api_key_id=told.get("ApiKeyId"),
        live=cloud.live(told["FunctionName"]).traffic,
        work=[kind for kind, output in WORK.items() if output in told],
    )


def is_untried(found: Deployed, history: Sequence[object]) -> bool:
    """Whether a rollout of its release may begin: it serves nobody yet, or is the very first."""
    return found.release != found.live.stable or not history


def check_state(stack: Stack | None, name: str) -> None:
    """Raise an error that says what to do, if the stack is in a state that no deploy can change."""
    if stack is None or stack.status in UNBORN:
        return  # the CDK itself deletes what is left of a stack that never came to be
    if stack.status in BROKEN:
        raise CloudError(
            f"stack {name}", f"it is half-finished ({stack.status})", _repair(stack.status, name)
        )
    if stack.status.endswith("_IN_PROGRESS"):
        raise ConflictError(
            f"stack {name}",
            f"somebody else is deploying it now ({stack.status})",
            "Wait until that is done, then try again.",
        )


def _repair(status: str, name: str) -> str:
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"Run `aws cloudformation continue-update-rollback --stack-name {name}`, then deploy."
        )
    return f"Run `aws cloudformation delete-stack --stack-name {name}`, then deploy again."

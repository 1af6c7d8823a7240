"""The composition root: makes the control plane's parts from a call's target."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.call import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wherry_control.controller import Rollouts
    from wherry_control.deploy import Deployments
    from wherry_control.grpc.upstream import Upstream
    from wherry_control.predict import Caller, Signer

PATIENCE = 35.0  # seconds; API Gateway gives up at 29


def rollouts(call: Call, model: str) -> "Rollouts":
    """The rollout commands for one model, whose name is checked first."""
    from wherry.manifest import GOLDEN
    from wherry.store import ModelStore
    from wherry_control.controller import Rollouts
    from wherry_control.golden import GoldenReplay, golden_tolerance
    from wherry_control.ledger import DynamoLedger
    from wherry_control.rollouts.dynamo import DynamoRollouts

    folder, target = call.project.model_folder(model), call.target
    store = ModelStore.open(target.store_url, os.environ)
    tables = call.session.client("dynamodb")
    return Rollouts(
        functions=call.cloud,
        ledger=DynamoLedger(tables, target.ledger_table),
        store=DynamoRollouts(tables, target.rollouts_table),
        check=GoldenReplay(
            functions=call.cloud,
            load=lambda digest: store.load(digest, names={GOLDEN}),
            tolerance=lambda _model: golden_tolerance(folder),
        ),
        function=target.function,
        clock=now,
        dry_run=call.dry_run,
    )


def deployments(call: Call, packaging: str | None) -> "Deployments":
    """The CDK and AWS on the call's target."""
    from cli.inputs import check_published, prepare
    from wherry_control.cdk import Cdk
    from wherry_control.deploy import Deployments

    root, target = call.project.root, call.target
    return Deployments(
        root=root,
        target=target,
        cloud=call.cloud,
        cdk=Cdk(root=root, target=target, environ=os.environ, packaging=packaging),
        check=lambda models: check_published(call, models),
        prepare=lambda: prepare(call, packaging),
        dry_run=call.dry_run,
    )


@contextmanager
def caller(call: Call, model: str, url: str | None) -> "Iterator[Caller]":
    """Whoever may ask at `url`, or the model deployed on the target: by its API key, or signed."""
    from wherry_control.predict import Caller, unsigned

    address, sign = (url, unsigned) if url else _deployed(call, model)
    import httpx  # after the target is known: it may bring an authority of its own

    with httpx.Client(timeout=PATIENCE) as client:
        yield Caller(client, address, sign)


def _deployed(call: Call, model: str) -> "tuple[str, Signer]":
    from wherry_control.deploy import deployed
    from wherry_control.predict import with_iam, with_key

    found = deployed(call.cloud, call.target, model)
    if found.api_key_id:
        return found.url, with_key(call.cloud.api_key(found.api_key_id))
    return found.url, with_iam(call.session.get_credentials(), call.target.region)


def upstream(url: str, api_key: str | None, *, sigv4: bool) -> "Upstream":
    """The API at `url`; a signature is by the credentials that every AWS tool would find."""
    from wherry_control.grpc.upstream import upstream as checked

    session = None
    if sigv4:
        from boto3 import Session

        session = Session(region_name=os.environ.get("AWS_REGION"))
    return checked(url, PATIENCE, key=api_key, session=session)


def now() -> datetime:
    """The clock of every command."""
    return datetime.now(UTC)


def bin_folder() -> Path:
    """Where this Python and its commands are."""
    import sys

    return Path(sys.executable).parent

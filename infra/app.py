"""
The CDK app: reads the options, makes the stacks, has them judged by cdk-nag. `cdk` runs it.

It imports nothing of Wherry's own code and calls no AWS: it refers to code by folder. A model gets
a stack as soon as it has a lock; what all models share is always there, since a lock needs a store
first.
"""

import sys
from pathlib import Path

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.config import Options, Release, releases
from infra.rules import ConfigurationError
from infra.stacks.ci import Ci
from infra.stacks.identity import GithubIdentity
from infra.stacks.inference import Inference
from infra.stacks.operations import Operations
from infra.stacks.store import Store

ROOT = Path(__file__).resolve().parent.parent


def build(app: App, *, root: Path = ROOT) -> list[str]:
    """Put the stacks into the app; the lines returned say which models have none, and why."""
    options = Options.from_context(app.node.try_get_context)
    environment = options.environment
    prefix = f"Wherry-{environment.name}"
    found = list(releases(root, options))
    queues = [each.model for each in found if isinstance(each, Release) and each.queue]
    store = Store(app, f"{prefix}-Store", options=options, queues=queues)
    operations = Operations(app, f"{prefix}-Operations", options=options, root=root)
    notes: list[str] = []
    for release in found:
        if isinstance(release, Release):
            stack = Inference(
                app, f"{prefix}-{release.model}", release=release, options=options, root=root
            )
            stack.add_stack_dependency(store)  # the API's log needs the gateway role
            stack.add_stack_dependency(operations)  # the function's log needs its subscriber
        else:
            notes.append(release)
    if options.repository is not None:
        GithubIdentity(app, "Wherry-GithubIdentity")
        Ci(app, f"{prefix}-Ci", environment=environment, repository=options.repository)
    Tags.of(app).add("project", "wherry")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return notes


def tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    app = App()
    try:
        notes = build(app)
    except ConfigurationError as error:
        tell(f"error: {error}")
        return 1
    for note in notes:
        tell(note)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())

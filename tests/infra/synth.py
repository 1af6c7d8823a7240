"""
Templates for the tests: a project of two files, synthesised with the flags of the real cdk.json.

Nothing of a real build is needed, and nothing of one is looked at.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import build

ROOT = Path(__file__).resolve().parents[2]
LOCKS = Path(__file__).parent / "locks"
SNAPSHOTS = Path(__file__).parent / "snapshots"
DIGEST = "sha256:" + "1" * 64

Template = dict[str, Any]


def project(
    root: Path,
    *,
    deploy: str = "",
    tables: str = "",
    code: str = "handler = None\n",
    extras: Sequence[str] = ("batch", "queue"),
) -> Path:
    """
    A checkout as far as the CDK app looks: one model, and the inputs of both packagings. `tables`
    are those of its workers, and `extras` what was downloaded for them.
    """
    files = {
        "models/iris/model.toml": f'[model]\nname = "iris"\n\n[deploy]\n{deploy}\n\n{tables}\n',
        **({f"build/wheels/{name}/some.whl": "" for name in extras} if tables else {}),
        **({f"build/zip/{name}/a.py": name for name in ("queue", "batch-queue")} if tables else {}),
        "build/zip/base/functions/inference/api.py": code,
        "build/wheels/runtime/numpy.whl": "",
        "build/operations/python/wherry/__init__.py": "",
        "functions/inference/Dockerfile": "FROM scratch\n",
        ".dockerignore": (ROOT / ".dockerignore").read_text(),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def lock_with(folder: Path, **told: Any) -> None:
    """A lock of iris in `folder` that says something else, or more."""
    lock = {"schema_version": 1, "model": "iris", "version": 3, "digest": DIGEST, **told}
    (folder / "iris.lock.json").write_text(json.dumps(lock))


def synth(root: Path, **context: str) -> dict[str, Template]:
    """Every stack's template by name. cdk-nag has judged them: it would have raised."""
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(
        context={**flags, "locks": str(LOCKS), **context},
        outdir=str(root / "cdk.out"),
        analytics_reporting=False,
    )
    build(app, root=root)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def of_type(template: Template, kind: str) -> list[dict[str, Any]]:
    return [each for each in template["Resources"].values() if each["Type"] == kind]


def only(template: Template, kind: str) -> dict[str, Any]:
    (resource,) = of_type(template, kind)
    return resource["Properties"]


def function(template: Template) -> dict[str, Any]:
    """The properties of the function that serves the model, not of the one that makes the alias."""
    (found,) = [
        each["Properties"]
        for each in of_type(template, "AWS::Lambda::Function")
        if "FunctionName" in each["Properties"]
    ]
    return found


def versions(template: Template) -> dict[str, Any]:
    """The published versions of the function, by their names in the template."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Version"
    }


def statements(template: Template) -> Iterator[dict[str, Any]]:
    for policy in of_type(template, "AWS::IAM::Policy"):
        yield from policy["Properties"]["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value of a template in one line: `Fn::Join` joined, references as `${Name}`."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(text(part) for part in parts)
        case list():
            return " ".join(text(part) for part in value)
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case _:
            return str(value)


def normalised(template: Template) -> str:
    """The template without what changes with every build: asset hashes, hashed logical ids."""
    told = json.dumps(template, indent=1, sort_keys=True) + "\n"
    told = re.sub(r"(?<!sha256:)\b[0-9a-f]{64}\b", "<asset>", told)
    return re.sub(r"\b(\w+(?:CurrentVersion|Deployment)[0-9A-F]{8})[0-9a-f]{32}\b", r"\1<id>", told)

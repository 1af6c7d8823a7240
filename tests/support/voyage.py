"""What the voyage does at each stop: publish, deploy, move traffic, and ask who answers."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
from gevent.ssl import create_default_context
from tritonclient.http import InferenceServerClient

from tests.support.cloud import AWS, Cloud
from tests.support.project import Project

STACK, FUNCTION = "Wherry-dev-iris", "wherry-dev-iris"
SETOSA = {
    "inputs": [
        {"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}
    ]
}
INFER = "/v2/models/iris/infer"


def publish(cloud: Cloud, *options: str) -> str:
    """Train, prepare and publish iris; return the digest."""
    cloud.project.wherry("train", "iris", *options)
    cloud.project.wherry("prepare", "iris")
    told = cloud.project.wherry("publish", "iris", *AWS)
    return str(told["digest"])


def deploy(cloud: Cloud) -> dict[str, Any]:
    """Deploy iris as the workflow's deploy role; return what it published."""
    told = cloud.workflow("deploy").wherry("deploy", "iris", *AWS)
    found: dict[str, Any] = told["models"][0]
    return found


def rollout(cloud: Cloud, *words: str) -> Any:
    """Move traffic as the workflow's release role."""
    return cloud.workflow("release").wherry("rollout", *words, *AWS)


def alias(cloud: Cloud) -> dict[str, Any]:
    """The alias as Lambda has it; equal only if nothing wrote to it in between."""
    told = cloud.client("lambda").get_alias(FunctionName=FUNCTION, Name="live")
    return {key: told.get(key) for key in ("FunctionVersion", "RoutingConfig", "RevisionId")}


def who_answers(api: httpx.Client, requests: int) -> Counter[tuple[str, str]]:
    """Releases and digests of that many answers."""

    def ask(_: int) -> tuple[str, str]:
        answer = api.post(INFER, json=SETOSA)
        assert answer.status_code == 200, answer.text
        return answer.headers["x-wherry-release"], answer.headers["x-wherry-digest"]

    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(ask, range(requests)))


def triton(cloud: Cloud, api: httpx.Client) -> InferenceServerClient:
    """Over TLS, with the stage in its URL; nothing else is said."""
    trust = cloud.environment["AWS_CA_BUNDLE"]
    return InferenceServerClient(
        str(api.base_url).removeprefix("https://").rstrip("/"),
        ssl=True,
        ssl_context_factory=lambda: create_default_context(cafile=trust),
    )


FAULT = """
        from aws_cdk import aws_cloudwatch as cloudwatch

        errors = cloudwatch.Metric(namespace="Wherry", metric_name="Errors")
        sum_ = cloudwatch.MathExpression(expression="a + a", using_metrics={"a": errors})
        alarm = sum_.create_alarm(self, "Fault", threshold=1, evaluation_periods=1)
        alarm.node.add_dependency(version)
"""


@contextmanager
def a_resource_that_fails(project: Project) -> Iterator[None]:
    """The local AWS knows no alarm on a sum; AWS does, but then it is the local one that we ask."""
    stack = project.root / "infra/stacks/inference.py"
    settings = project.root / "models/iris/model.toml"
    before = stack.read_text(), settings.read_text()
    stack.write_text(before[0].replace("\n        self._tell(", f"{FAULT}\n        self._tell(", 1))
    settings.write_text(before[1].replace("memory_mb = 640", "memory_mb = 768"))
    try:
        yield
    finally:
        stack.write_text(before[0])
        settings.write_text(before[1])

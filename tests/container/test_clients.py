"""The image behind an emulated REST API: the protocol's own client finds nothing missing in it."""

from collections.abc import Iterator

import pytest

from tests.support.containers import Container
from tests.support.gateway import FRONTS, STAGE, gateway
from tests.support.live import served
from tests.support.triton import CLIENTS, FEATURES, PREDICTION, Ask, tensors, wanted

pytestmark = pytest.mark.container


@pytest.fixture(params=CLIENTS)
def ask(request: pytest.FixtureRequest, function: Container) -> Iterator[Ask]:
    with (
        gateway(FRONTS["REST API"], lambda event, _: function.invoke(event)) as api,
        served(api) as place,
        CLIENTS[request.param](f"{place}/{STAGE}") as client,
    ):
        yield client


def test_tritonclient_is_answered_by_the_image_in_every_form(ask: Ask) -> None:
    for coding in (None, "gzip", "deflate"):
        for binary in (True, False):
            result = ask(
                "infer", "tiny", tensors(FEATURES, binary=binary),
                outputs=wanted("prediction", binary=binary),
                request_compression_algorithm=coding, response_compression_algorithm=coding,
            )  # fmt: skip
            assert result.as_numpy("prediction").tolist() == PREDICTION
    assert ask("get_model_metadata", "tiny")["versions"] == ["1"]

"""What a caller is told whose JSON is not a request that the model can answer."""

import pytest

from tests.support.requests_v2 import features, request, tensor
from tests.support.services import service_of
from wherry.errors import RequestError


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "it is not JSON"),
        (b"\xff", "it is not JSON"),
        (b"[" * 5000, "it is not JSON"),
        (b"[]", "the request: [] came; an object is wanted"),
        (b"{}", "inputs: nothing came"),
        (b'{"inputs": {}}', "inputs: an object came"),
        (b'{"inputs": [5]}', "one of inputs: 5 came"),
        (b'{"inputs": [{}]}', "name nothing came"),
        (b'{"inputs": []}', 'inputs: "features" did not come'),
        (request(tensor("other", "FP32", [1], [1])), 'input "other": the model has no such input'),
        (request(id=5), "id: 5 came; a string is wanted"),
        (request(parameters=[]), "parameters of the request: [] came; an object is wanted"),
        (request(parameters={"a": [1]}), 'parameter "a" of the request: [1] came; a string, a'),
        (request(parameters={"binary_data_output": 1}), "1 came; a boolean is wanted"),
        (features(parameters={"shared_memory_region": "a"}), "it is not served here"),
        (
            request(outputs=[{"name": "doubled", "parameters": {"classification": 3}}]),
            'parameter "classification" of output "doubled": it is not served here',
        ),
        (
            request(outputs=[{"name": "doubled", "parameters": {"binary_data": "yes"}}]),
            'parameter "binary_data" of output "doubled": "yes" came; a boolean is wanted',
        ),
        (request(outputs={"name": "doubled"}), "outputs: an object came"),
        (request(outputs={}), "outputs: an object came"),
        (request(outputs=0), "outputs: 0 came; a list of tensors is wanted"),
        (request(outputs=[{"name": "none"}]), 'output "none": the model has no such output'),
        (request(outputs=[{"name": "doubled"}] * 2), 'outputs: "doubled" came twice'),
        (request(*[tensor("features", "FP32", [1, 4], [1] * 4)] * 2), '"features" came twice'),
        (features(datatype="FP64"), 'input "features": datatype "FP64" came; FP32 is wanted'),
        (features(datatype=None), "datatype nothing came; FP32 is wanted"),
        (features(shape=None), "shape nothing came"),
        (features(shape=[1, 5]), "shape [1,5] came; [-1,4] is wanted"),
        (features(shape=[4]), "shape [4] came; [-1,4] is wanted"),
        (features(shape=[-1, 4]), "a list of whole numbers is wanted"),
        (features(shape=[True, 4]), "a list of whole numbers is wanted"),
        (features(shape=[1.0, 4]), "a list of whole numbers is wanted"),
        (features(shape=[2, 4]), "shape [2,4] wants 8 elements; 4 came"),
        (features(data=None), "its data is null; a list is wanted"),
        (features(parameters=7), "7 came; an object is wanted"),
        (
            features(parameters={"binary_data_size": 16}, data=None),
            "binary data is announced, but no Inference-Header-Content-Length",
        ),
        (
            features(parameters={"binary_data_size": 16}),
            "both `data` and binary data came; one is wanted",
        ),
    ],
)
def test_a_wrong_request_is_told_what_came_and_what_is_wanted(body: bytes, told: str) -> None:
    with pytest.raises(RequestError) as error:
        service_of().infer(body)

    assert told in str(error.value)


def test_a_message_never_grows_with_the_request() -> None:
    with pytest.raises(RequestError) as error:
        service_of().infer(request(tensor("x" * 100_000, "FP32", [1], [1])))

    assert len(str(error.value)) < 300

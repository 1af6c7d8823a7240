import numpy as np
import pytest
from onnx import helper

from tests.support.onnx_models import DATATYPES, identity, lookup, onnx_model, spec, two_inputs
from wherry.errors import ArtifactError, ModelError, RequestError
from wherry.manifest import MODEL
from wherry.protocol.datatypes import TO_NUMPY
from wherry.session import Session, _options


@pytest.mark.parametrize("datatype", DATATYPES)
def test_it_tells_each_datatype_by_its_protocol_name(datatype: str) -> None:
    session = Session(identity(datatype).files[MODEL], threads=1)

    assert session.inputs == {"x": datatype}
    assert session.outputs == {"y": datatype}


@pytest.mark.parametrize("datatype", DATATYPES)
def test_it_gives_back_the_datatype_it_was_given(datatype: str) -> None:
    session = Session(identity(datatype).files[MODEL], threads=1)
    x = np.array(["é", ""] if datatype == "BYTES" else [1, 0], TO_NUMPY[datatype])

    [y] = session.run(["y"], {"x": x})

    assert y.dtype == x.dtype
    assert y.tolist() == x.tolist()


def test_what_is_no_model_is_an_artifact_error_that_says_what_to_do() -> None:
    with pytest.raises(ArtifactError, match="publish the model again"):
        Session(b"no model", threads=1)


def test_a_model_whose_output_is_no_tensor_is_refused() -> None:
    value = helper.make_tensor_sequence_value_info("y", 1, None)
    model = onnx_model([helper.make_node("SequenceConstruct", ["x"], ["y"])], [spec("x")], [])
    model.graph.output.append(value)

    with pytest.raises(ArtifactError, match="cannot carry"):
        Session(model.SerializeToString(), threads=1)


def test_a_value_that_the_model_refuses_is_the_requests_fault_and_is_not_quoted() -> None:
    session = Session(lookup().files[MODEL], threads=1)

    with pytest.raises(RequestError, match="Gather") as told:
        session.run(["y"], {"x": np.array([4711])})

    assert "4711" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_failing_model_is_a_model_error_that_names_the_step() -> None:
    session = Session(two_inputs(shape=(-1, -1)).files[MODEL], threads=1)

    with pytest.raises(ModelError, match="Add"):
        session.run(["y"], {"a": np.ones((2, 3), "f"), "b": np.ones((3, 2), "f")})


def test_onnx_runtime_itself_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Its messages can quote what a caller sent."""
    session = Session(lookup().files[MODEL], threads=1)

    with pytest.raises(RequestError):
        session.run(["y"], {"x": np.array([4711])})

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("pool", ["intra_op", "inter_op"])
def test_no_thread_spins_between_requests(pool: str) -> None:
    """It would be billed, and take its share from the next request."""
    options = _options(2, optimized=False)

    assert options.get_session_config_entry(f"session.{pool}.allow_spinning") == "0"
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)

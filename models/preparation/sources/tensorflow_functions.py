"""
A function of TensorFlow as a network: asked as it is, and exported by tf2onnx.

What Keras and SavedModels have in common. TensorFlow is told to keep to the processor and to be
quiet before it is imported; so it is imported here alone.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from models.preparation.convert import OPSETS
from models.preparation.sources.graphs import number, rename
from models.preparation.sources.network import Network, Told
from models.preparation.sources.options import Options
from models.preparation.sources.running import TRIED, Array, Ask
from models.preparation.sources.versions import brought
from wherry.errors import ConfigurationError

SETTINGS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
}
LIBRARIES = ("tensorflow-cpu", "keras", "tf2onnx", "onnx")
OPEN_BATCH = "Save it with an open first size of each input: keras.Input(shape) leaves it open."


def tensorflow() -> Any:
    """The module; its settings are read when it is imported first."""
    os.environ.update(SETTINGS)
    import tensorflow as tf

    # What it fuses answers NaN with numbers; what is compared is the network as it was built.
    tf.config.optimizer.set_experimental_options({"remapping": False})
    return tf


@dataclass(frozen=True, kw_only=True)
class Function:
    """`call` takes tensors in the order of `inputs` (TensorSpecs), and answers by output name."""

    call: Callable[..., Mapping[str, Any]]
    inputs: Sequence[Any]
    estimator: str


def network_of(function: Function, options: Options) -> Network:
    """Raise ConfigurationError if tf2onnx does not know an operator of it."""
    tf = tensorflow()
    names: list[str] = []

    @tf.function(input_signature=function.inputs)  # type: ignore[untyped-decorator, unused-ignore]
    def traced(*tensors: Any) -> list[Any]:
        answers = function.call(*tensors)
        names[:] = sorted(answers)
        return [tf.identity(answers[name]) for name in names]

    ask = _asker(tf, traced)
    exported = _exported(traced, function)
    rename(
        exported.graph,
        {each.name: name for each, name in zip(exported.graph.output, names, strict=True)},
    )
    number(exported.graph)
    told = Told(
        estimator=function.estimator,
        how=OPEN_BATCH,
        libraries={name: version(name) for name in LIBRARIES},
    )
    return Network(brought(exported, ask, TRIED), ask, options, told)


def _asker(tf: Any, traced: Any) -> Ask:
    def ask(arrays: Sequence[Array]) -> list[Array]:
        return [each.numpy() for each in traced(*map(tf.constant, arrays))]

    return ask


def _exported(traced: Any, function: Function) -> Any:
    import tf2onnx

    try:
        exported, _ = tf2onnx.convert.from_function(
            traced, input_signature=function.inputs, opset=OPSETS[""]
        )
    except Exception as error:
        line = str(error).partition("\n")[0][:200]
        raise ConfigurationError(
            function.estimator,
            f"tf2onnx cannot export it ({type(error).__name__}: {line})",
            "Use other layers.",
        ) from error
    return exported

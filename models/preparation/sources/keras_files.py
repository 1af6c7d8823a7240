"""
A `.keras` file of Keras 3: layers that Keras itself has, in its safe mode.

The older `.h5` is refused, and so are layers that bring code with them. Keras' safe mode has been
got round before; so the file is opened in the confined child only.
"""

from pathlib import Path
from typing import Any

from models.preparation.sources.names import plain_names
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.sources.tensorflow_functions import Function, network_of, tensorflow
from models.preparation.untrusted.keras_files import checked_keras
from wherry.errors import ConfigurationError, UnsafeError

EXPORT = 'Export it as a SavedModel: `model.export("folder")`.'


def opened(path: Path, options: Options) -> Source:
    """Raise UnsafeError for what could run code, ConfigurationError for what is no such file."""
    checked_keras(path)
    model = _loaded(path)
    tf = tensorflow()
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise ConfigurationError(path.name, "it does not say what it takes", EXPORT)
    names = plain_names([each.name for each in inputs])
    specs = [
        tf.TensorSpec(each.shape, each.dtype, name=name)
        for each, name in zip(inputs, names, strict=True)
    ]
    function = Function(call=_call(model), inputs=specs, estimator=f"Keras {type(model).__name__}")
    return network_of(function, options)


def _loaded(path: Path) -> Any:
    tensorflow()
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        line = str(error).partition("\n")[0][:200]
        raise UnsafeError(
            path.name, f"Keras does not open it in its safe mode ({line})", EXPORT
        ) from error


def _call(model: Any) -> Any:
    names = list(getattr(model, "output_names", None) or ())

    def call(*tensors: Any) -> dict[str, Any]:
        import keras

        given = tensors[0] if len(tensors) == 1 else list(tensors)
        answers = keras.tree.flatten(model(given, training=False))
        told = names if len(names) == len(answers) else [f"output_{n}" for n in range(len(answers))]
        return dict(zip(plain_names(told), answers, strict=True))

    return call

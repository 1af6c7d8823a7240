"""
A SavedModel of TensorFlow: a folder, of which one signature is asked.

Its graph may read and write files; it is opened in the confined child only, where there are none.
"""

from pathlib import Path
from typing import Any

from models.preparation.sources.names import plain_names
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source
from models.preparation.sources.tensorflow_functions import Function, network_of, tensorflow
from wherry.errors import ConfigurationError

DEFAULT = "serving_default"


def opened(path: Path, options: Options) -> Source:
    """Raise ConfigurationError if it is none, or has several signatures and no default one."""
    tf = tensorflow()
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:
        line = str(error).partition("\n")[0][:200]
        raise ConfigurationError(
            path.name, f"TensorFlow does not open it ({line})", "Save it again by this TensorFlow."
        ) from error
    signature = _signature(path, loaded)
    taken = signature.structured_input_signature[1]
    names = plain_names(list(taken))
    specs = [
        tf.TensorSpec(each.shape, each.dtype, name=name)
        for each, name in zip(taken.values(), names, strict=True)
    ]

    def call(*tensors: Any, loaded: Any = loaded) -> Any:
        del loaded  # kept alive: its variables are the signature's own
        return signature(**dict(zip(taken, tensors, strict=True)))

    return network_of(Function(call=call, inputs=specs, estimator="SavedModel"), options)


def _signature(path: Path, loaded: Any) -> Any:
    signatures = dict(loaded.signatures)
    if DEFAULT in signatures:
        return signatures[DEFAULT]
    if len(signatures) == 1:
        return next(iter(signatures.values()))
    told = ", ".join(sorted(signatures)) or "none"
    raise ConfigurationError(
        path.name,
        f"it has no signature {DEFAULT} (it has: {told})",
        f'Save it with one: `tf.saved_model.save(module, folder, {{"{DEFAULT}": function}})`.',
    )

"""The list of what a pickle may hold: each name is there, and none runs what a file tells it to."""

import importlib
import inspect
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from models.preparation.untrusted import listing
from models.preparation.untrusted.allowed import ALLOWED, NUMPY, OTHERS, present

ELSEWHERE = {"xgboost", "lightgbm", "catboost"}  # in environments of their own
REACH = {
    "exec", "eval", "compile", "open", "__import__", "import_module", "getattr", "setattr",
    "system", "popen", "Popen", "memmap", "load", "loads", "fromfile", "tofile", "urlopen",
    "unlink", "rmtree",
}  # fmt: skip
HERE = sorted(name for name in ALLOWED if name[0].partition(".")[0] not in ELSEWHERE)


def resolved(name: tuple[str, str]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old spellings of numpy and scipy say that they are
        return getattr(importlib.import_module(name[0]), name[1])


def test_the_list_is_what_the_script_makes_of_this_scikit_learn() -> None:
    """Raising scikit-learn changes it in a commit that is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = listing.listed()

    assert listing.FILE.read_text().splitlines() == made


def test_every_name_is_there_and_a_value_or_its_maker() -> None:
    """A name that no library has, or a module, would be a hole or a mistake."""
    for name in HERE:
        thing = resolved(name)
        assert inspect.isclass(thing) or callable(thing), name
        assert not inspect.ismodule(thing), name


def test_no_function_on_the_list_reaches_further() -> None:
    """Judged by what its code names: nothing imports, evaluates, opens or loads."""
    for name in HERE:
        code = getattr(inspect.unwrap(resolved(name)), "__code__", None)
        if code is not None and name[0] not in {"copyreg", "joblib.numpy_pickle"}:
            assert not REACH & set(code.co_names), name


def test_numpys_functions_are_element_wise() -> None:
    """A ufunc computes; `numpy` has hundreds of functions that do not stop there."""
    lowly = {"_reconstruct", "scalar", "_frombuffer", "_mareconstruct"}
    for name in sorted(NUMPY):
        thing = resolved(name)
        rebuilds = name[1] in lowly or name[1].startswith("__")
        assert isinstance(thing, np.ufunc) or inspect.isclass(thing) or rebuilds, name


@pytest.mark.parametrize(
    "forbidden",
    [
        "builtins.getattr", "builtins.eval", "builtins.type", "builtins.map", "numpy.load",
        "numpy.memmap", "functools.partial", "operator.attrgetter", "sklearn.datasets.load_files",
        "numpy._core._multiarray_umath._ufunc_reconstruct", "joblib.memory.Memory",
    ],
)  # fmt: skip
def test_what_must_never_be_on_the_list_is_not(forbidden: str) -> None:
    """Each runs, reads or fetches what its arguments say."""
    module, _, name = forbidden.rpartition(".")

    assert (module, name) not in ALLOWED


def test_old_spellings_are_those_of_names_on_the_list() -> None:
    """A pickle of a scikit-learn of 2019, or of Python 2, names what is elsewhere today."""
    assert present(("sklearn.tree.tree", "DecisionTreeClassifier")) in ALLOWED
    assert present(("sklearn.preprocessing.data", "StandardScaler")) in ALLOWED
    assert present(("copy_reg", "_reconstructor")) in ALLOWED
    assert present(("__builtin__", "eval")) not in ALLOWED


def test_libraries_of_boosting_give_their_models_alone() -> None:
    """No reader of data, no loader of a library."""
    names = {name for module, name in OTHERS if module.partition(".")[0] in ELSEWHERE}

    assert {name for name in names if not name.startswith(("XGB", "LGBM", "CatBoost"))} == {
        "Booster"
    }


def test_pickle_renames_nothing_on_the_list() -> None:
    """What protocols of Python 2 map a name to is judged by our own table, not by pickle's."""
    import _compat_pickle

    assert not ALLOWED & set(_compat_pickle.NAME_MAPPING)
    assert pickle.HIGHEST_PROTOCOL == 5  # a new protocol has new opcodes: read the machine again

"""
Write `allowed.txt`: every name of scikit-learn that a fitted estimator's pickle can hold.

    python -m models.preparation.untrusted.listing

It is run when scikit-learn is raised, and its outcome is read like code. What a name does matters
when it is *called with arguments of the file's choice*: so there are estimators, which only keep
theirs, and what estimators hold; nothing that reads files or opens connections, as `datasets`,
`callback` and `utils` do.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).with_name("allowed.txt")
LEFT_OUT = frozenset({
    "tests", "conftest", "datasets", "externals", "experimental", "utils", "callback", "inspection",
    "_build_utils", "__check_build", "_config", "_distributor_init", "_plot", "show_versions",
})  # fmt: skip
# Modules whose other classes estimators hold in their state.
HELD = frozenset({
    "sklearn._loss._loss", "sklearn._loss.link", "sklearn._loss.loss", "sklearn.calibration",
    "sklearn.cluster._birch", "sklearn.cluster._bisect_k_means",
    "sklearn.compose._column_transformer",
    "sklearn.ensemble._gb", "sklearn.ensemble._hist_gradient_boosting.common",
    "sklearn.ensemble._hist_gradient_boosting.predictor", "sklearn.gaussian_process.kernels",
    "sklearn.impute._iterative", "sklearn.linear_model._linear_loss",
    "sklearn.linear_model._sgd_fast",
    "sklearn.metrics._dist_metrics", "sklearn.metrics._scorer", "sklearn.model_selection._search",
    "sklearn.model_selection._split", "sklearn.neighbors._ball_tree", "sklearn.neighbors._kd_tree",
    "sklearn.neighbors._quad_tree", "sklearn.neural_network._stochastic_optimizers",
    "sklearn.tree._criterion", "sklearn.tree._splitter", "sklearn.tree._tree",
})  # fmt: skip
# Functions that estimators hold or that rebuild what they hold.
FUNCTIONS = frozenset({
    "sklearn.cluster._kmeans:_kmeans_single_elkan",
    "sklearn.cluster._kmeans:_kmeans_single_lloyd",
    "sklearn.feature_selection._univariate_selection:chi2",
    "sklearn.feature_selection._univariate_selection:f_classif",
    "sklearn.feature_selection._univariate_selection:f_oneway",
    "sklearn.feature_selection._univariate_selection:f_regression",
    "sklearn.feature_selection._univariate_selection:r_regression",
    "sklearn.feature_selection._mutual_info:mutual_info_classif",
    "sklearn.feature_selection._mutual_info:mutual_info_regression",
    "sklearn.metrics._dist_metrics:newObj",
    "sklearn.neighbors._ball_tree:newObj",
    "sklearn.neighbors._kd_tree:newObj",
    "sklearn.utils._bunch:Bunch",
})  # fmt: skip
REBUILDS = "__pyx_unpickle_Cy"
WORKERS = ("Display", "Builder")  # they draw or grow what an estimator keeps
METRICS = ("_classification", "_ranking", "_regression")


def listed() -> list[str]:
    """`module:name`, sorted."""
    from sklearn.base import BaseEstimator

    found = {each for each in FUNCTIONS if _there(each)}
    for module in _modules():
        for name, value in vars(module).items():
            own = inspect.isclass(value) and value.__module__ == module.__name__
            if not own or issubclass(value, BaseException) or name.endswith(WORKERS):
                continue
            if issubclass(value, BaseEstimator) or module.__name__ in HELD:
                found.add(f"{module.__name__}:{name}")
    return sorted(found | set(_metrics()) | set(_losses()))


def _modules() -> Iterator[ModuleType]:
    import sklearn

    for each in pkgutil.walk_packages(sklearn.__path__, "sklearn.", onerror=str):
        if not LEFT_OUT & set(each.name.split(".")):
            yield importlib.import_module(each.name)


def _losses() -> Iterator[str]:
    """How Cython makes a loss again: of the type that it is given, without calling it."""
    from sklearn._loss import _loss

    yield from (f"{_loss.__name__}:{name}" for name in vars(_loss) if name.startswith(REBUILDS))


def _metrics() -> Iterator[str]:
    """What `make_scorer` takes: a search keeps its scorer."""
    for each in METRICS:
        module = importlib.import_module(f"sklearn.metrics.{each}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_") and name.endswith(("_score", "_error", "_loss")):
                yield f"{module.__name__}:{name}"


def _there(name: str) -> bool:
    module, _, attribute = name.partition(":")
    return hasattr(importlib.import_module(module), attribute)


if __name__ == "__main__":
    FILE.write_text("".join(f"{each}\n" for each in listed()))

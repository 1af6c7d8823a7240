"""Fitted estimators of every kind that a pickle of scikit-learn holds: claims that they pass."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    ensemble,
    feature_selection,
    gaussian_process,
    impute,
    isotonic,
    kernel_approximation,
    linear_model,
    mixture,
    model_selection,
    multiclass,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.gaussian_process import kernels

ROWS = np.random.default_rng(0).normal(size=(60, 4))
LABELS = (ROWS[:, 0] + ROWS[:, 1] > 0).astype(int)
TABLE = pd.DataFrame(ROWS, columns=["a", "b", "c", "d"]).assign(
    town=np.where(ROWS[:, 2] > 0, "Ely", "Wisbech"), size=np.where(ROWS[:, 3] > 0, 1, 2)
)


def _of_table() -> Any:
    columns = compose.ColumnTransformer(
        [
            (
                "numbers",
                pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()),
                ["a", "b"],
            ),
            ("words", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["town"]),
            ("ranks", preprocessing.OrdinalEncoder(), ["size"]),
        ],
        remainder="passthrough",
    )
    return pipeline.make_pipeline(columns, linear_model.LogisticRegression())


def _searched() -> Any:
    grid = {"logisticregression__C": [0.1, 1.0]}
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression()
    )
    return model_selection.GridSearchCV(model, grid, cv=2, scoring="accuracy")


def _logs() -> Any:
    logs = preprocessing.FunctionTransformer(np.expm1)
    return pipeline.make_pipeline(logs, linear_model.Ridge())


GOOD: Mapping[str, Callable[[], Any]] = {
    "forest": lambda: ensemble.RandomForestClassifier(3, random_state=0),
    "forest with a generator": lambda: ensemble.RandomForestRegressor(
        3, random_state=np.random.RandomState(1)
    ),
    "extra trees": lambda: ensemble.ExtraTreesClassifier(3),
    "isolation forest": lambda: ensemble.IsolationForest(n_estimators=3),
    "histogram boosting": lambda: ensemble.HistGradientBoostingClassifier(max_iter=3),
    "histogram regression": lambda: ensemble.HistGradientBoostingRegressor(max_iter=3),
    "gradient boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=3),
    "histogram boosting of three": lambda: ensemble.HistGradientBoostingClassifier(max_iter=2),
    "ada boost": lambda: ensemble.AdaBoostClassifier(n_estimators=3),
    "bagging": lambda: ensemble.BaggingClassifier(n_estimators=3),
    "voting": lambda: ensemble.VotingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", tree.DecisionTreeClassifier())]
    ),
    "stacking": lambda: ensemble.StackingClassifier([("a", naive_bayes.GaussianNB())], cv=2),
    "tree": tree.DecisionTreeClassifier,
    "svc": svm.SVC,
    "nu svr": svm.NuSVR,
    "linear svc": svm.LinearSVC,
    "one class": svm.OneClassSVM,
    "nearest by tree": lambda: neighbors.KNeighborsClassifier(algorithm="kd_tree"),
    "nearest by ball": lambda: neighbors.KNeighborsRegressor(algorithm="ball_tree"),
    "outliers": lambda: neighbors.LocalOutlierFactor(novelty=True),
    "perceptrons": lambda: neural_network.MLPClassifier(
        (4,), max_iter=300, tol=1e-1, early_stopping=True
    ),
    "gaussian process": lambda: gaussian_process.GaussianProcessClassifier(1.0 * kernels.RBF()),
    "process regression": lambda: gaussian_process.GaussianProcessRegressor(
        kernels.Matern() + kernels.WhiteKernel()
    ),
    "logistic": linear_model.LogisticRegression,
    "ridge": linear_model.RidgeCV,
    "lasso": linear_model.Lasso,
    "gradient descent": lambda: linear_model.SGDClassifier(loss="modified_huber"),
    "poisson": lambda: pipeline.make_pipeline(
        preprocessing.MinMaxScaler(), linear_model.PoissonRegressor()
    ),
    "calibrated": lambda: calibration.CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2),
    "calibrated isotonic": lambda: calibration.CalibratedClassifierCV(
        naive_bayes.GaussianNB(), cv=2, method="isotonic"
    ),
    "discriminant": discriminant_analysis.LinearDiscriminantAnalysis,
    "bayes": naive_bayes.GaussianNB,
    "k means": lambda: cluster.KMeans(2, n_init=1),
    "mixture": lambda: mixture.GaussianMixture(2),
    "components": lambda: pipeline.make_pipeline(decomposition.PCA(2), linear_model.Perceptron()),
    "best columns": lambda: pipeline.make_pipeline(
        feature_selection.SelectKBest(feature_selection.f_classif, k=2),
        linear_model.RidgeClassifier(),
    ),
    "splines": lambda: pipeline.make_pipeline(
        preprocessing.SplineTransformer(), linear_model.Ridge()
    ),
    "nystroem": lambda: pipeline.make_pipeline(
        kernel_approximation.Nystroem(n_components=4), linear_model.Ridge()
    ),
    "one against rest": lambda: multiclass.OneVsRestClassifier(linear_model.LogisticRegression()),
    "quantiles": lambda: pipeline.make_pipeline(
        preprocessing.QuantileTransformer(n_quantiles=10), linear_model.Ridge()
    ),
    "isotonic": isotonic.IsotonicRegression,
    "columns of a table": _of_table,
    "search": _searched,
    "function of numpy": _logs,
}


def rows_of(name: str) -> Any:
    """What it learns from, and answers."""
    if name == "columns of a table":
        return TABLE
    return ROWS[:, 0] if name == "isotonic" else ROWS


def fitted(name: str) -> Any:
    labels = LABELS + (ROWS[:, 2] > 0) if name.endswith("of three") else LABELS
    return GOOD[name]().fit(rows_of(name), labels)

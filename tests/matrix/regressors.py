"""Regressions of the matrix."""

from sklearn import ensemble, linear_model, neighbors, svm, tree
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.dummy import DummyRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_ridge import KernelRidge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPRegressor

from tests.matrix.case import Case, case

SEEDED = {"random_state": 0}
SUGAR, FEW = "diabetes", "diabetes, three columns"
THREE = [
    ("lr", linear_model.LinearRegression()),
    ("dt", tree.DecisionTreeRegressor(max_depth=4, **SEEDED)),
    ("kn", neighbors.KNeighborsRegressor()),
]
REGRESSORS: tuple[Case, ...] = (
    case(linear_model.LinearRegression(), SUGAR),
    case(linear_model.LinearRegression(), "linnerud", "three targets"),
    case(linear_model.Ridge(), SUGAR),
    case(linear_model.RidgeCV(), SUGAR),
    case(linear_model.Lasso(), SUGAR),
    case(linear_model.LassoCV(), SUGAR),
    case(linear_model.LassoLars(), SUGAR),
    case(linear_model.Lars(), SUGAR),
    case(linear_model.ElasticNet(), SUGAR),
    case(linear_model.ElasticNetCV(), SUGAR),
    case(linear_model.MultiTaskLasso(), "linnerud"),
    case(linear_model.BayesianRidge(), SUGAR),
    case(linear_model.ARDRegression(), SUGAR),
    case(linear_model.HuberRegressor(max_iter=1000), SUGAR),
    case(linear_model.TheilSenRegressor(max_subpopulation=200, **SEEDED), FEW),
    case(linear_model.RANSACRegressor(**SEEDED), FEW),
    case(linear_model.OrthogonalMatchingPursuit(), SUGAR),
    case(linear_model.SGDRegressor(**SEEDED), SUGAR),
    case(linear_model.PoissonRegressor(), SUGAR),
    case(linear_model.GammaRegressor(), SUGAR),
    case(linear_model.TweedieRegressor(), SUGAR),
    case(linear_model.QuantileRegressor(), SUGAR),
    case(svm.LinearSVR(**SEEDED), SUGAR),
    case(svm.SVR(), SUGAR),
    case(svm.NuSVR(), SUGAR),
    case(KernelRidge(), SUGAR),
    case(neighbors.KNeighborsRegressor(), SUGAR),
    case(neighbors.RadiusNeighborsRegressor(radius=0.5), SUGAR),
    case(tree.DecisionTreeRegressor(**SEEDED), SUGAR),
    case(tree.ExtraTreeRegressor(**SEEDED), SUGAR),
    case(ensemble.RandomForestRegressor(20, **SEEDED), SUGAR),
    case(ensemble.ExtraTreesRegressor(20, **SEEDED), SUGAR),
    case(ensemble.GradientBoostingRegressor(n_estimators=30, **SEEDED), SUGAR),
    case(ensemble.HistGradientBoostingRegressor(max_iter=20), SUGAR),
    case(ensemble.AdaBoostRegressor(n_estimators=10, **SEEDED), SUGAR),
    case(ensemble.BaggingRegressor(n_estimators=5, **SEEDED), SUGAR),
    case(ensemble.VotingRegressor(THREE), SUGAR),
    case(ensemble.StackingRegressor(THREE), FEW),
    case(MLPRegressor(hidden_layer_sizes=(16,), max_iter=300, **SEEDED), SUGAR),
    case(GaussianProcessRegressor(alpha=0.1), SUGAR),
    case(PLSRegression(), SUGAR),
    case(IsotonicRegression(out_of_bounds="clip"), "diabetes, one column"),
    case(TransformedTargetRegressor(linear_model.Ridge()), SUGAR),
    case(MultiOutputRegressor(linear_model.Ridge()), "linnerud"),
    case(DummyRegressor(), SUGAR),
)

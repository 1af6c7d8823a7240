"""Transformers, detectors of outliers, clusterings and pipelines of the matrix."""

from sklearn import cluster, decomposition, feature_selection, impute, mixture, random_projection
from sklearn import preprocessing as pre
from sklearn.compose import ColumnTransformer
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import LogisticRegression, SGDOneClassSVM
from sklearn.neighbors import LocalOutlierFactor, NeighborhoodComponentsAnalysis
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import SVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from tests.matrix.case import Case, case

SEEDED = {"random_state": 0}
WORDS, NUMBERS = ["petal", "width"], ["sepal_length", "sepal_width"]
ONE_HOT = pre.OneHotEncoder(handle_unknown="ignore")
STRICT = pre.OneHotEncoder()
ORDINAL = pre.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
FILLED = make_pipeline(impute.SimpleImputer(), pre.StandardScaler())


def _columns(words: object, numbers: object = "passthrough") -> ColumnTransformer:
    return ColumnTransformer([("words", words, WORDS), ("numbers", numbers, NUMBERS)])


TRANSFORMERS: tuple[Case, ...] = (
    case(pre.StandardScaler(), "wine"),
    case(pre.MinMaxScaler(), "wine"),
    case(pre.MaxAbsScaler(), "wine"),
    case(pre.RobustScaler(), "wine"),
    case(pre.Normalizer(), "iris"),
    case(pre.Binarizer(threshold=1.0), "iris"),
    case(pre.PowerTransformer(), "iris, scaled"),
    case(pre.QuantileTransformer(n_quantiles=50), "iris"),
    case(pre.KBinsDiscretizer(encode="ordinal"), "wine"),
    case(pre.PolynomialFeatures(), "iris"),
    case(pre.SplineTransformer(), "iris"),
    case(impute.SimpleImputer(), "iris"),
    case(impute.KNNImputer(), "iris"),
    case(decomposition.PCA(2), "wine, scaled"),
    case(decomposition.KernelPCA(2), "iris"),
    case(decomposition.IncrementalPCA(2), "iris"),
    case(decomposition.TruncatedSVD(2, **SEEDED), "iris"),
    case(decomposition.FastICA(2, **SEEDED), "iris"),
    case(decomposition.FactorAnalysis(2), "iris"),
    case(decomposition.NMF(2, max_iter=500, **SEEDED), "iris"),
    case(feature_selection.SelectKBest(k=2), "iris"),
    case(feature_selection.VarianceThreshold(), "iris"),
    case(feature_selection.RFE(LogisticRegression(max_iter=2000)), "iris"),
    case(feature_selection.SelectFromModel(DecisionTreeClassifier(**SEEDED)), "iris"),
    case(random_projection.GaussianRandomProjection(2, **SEEDED), "wine"),
    case(Nystroem(n_components=10, **SEEDED), "iris"),
    case(RBFSampler(n_components=10, **SEEDED), "iris"),
    case(pre.FunctionTransformer(), "iris"),
    case(cluster.FeatureAgglomeration(2), "iris"),
    case(FeatureUnion([("pca", decomposition.PCA(1)), ("k", pre.MinMaxScaler())]), "iris"),
    case(NeighborhoodComponentsAnalysis(2, max_iter=20, **SEEDED), "iris, scaled"),
)
UNLABELLED: tuple[Case, ...] = (
    case(IsolationForest(n_estimators=20, **SEEDED), "wine"),
    case(LocalOutlierFactor(novelty=True), "iris"),
    case(OneClassSVM(), "iris, scaled"),
    case(EllipticEnvelope(**SEEDED), "iris"),
    case(SGDOneClassSVM(**SEEDED), "iris"),
    case(cluster.KMeans(3, n_init=2, **SEEDED), "iris"),
    case(cluster.MiniBatchKMeans(3, n_init=2, **SEEDED), "iris"),
    case(mixture.GaussianMixture(3, **SEEDED), "iris, scaled"),
    case(mixture.BayesianGaussianMixture(n_components=3, max_iter=500, **SEEDED), "iris, scaled"),
    case(cluster.MeanShift(), "iris"),
    case(cluster.Birch(n_clusters=3), "iris"),
    case(cluster.DBSCAN(), "iris"),
)
PIPELINES: tuple[Case, ...] = (
    case(make_pipeline(pre.StandardScaler(), LogisticRegression()), "breast_cancer"),
    case(make_pipeline(pre.StandardScaler(), SVC()), "wine"),
    case(make_pipeline(decomposition.PCA(10), LogisticRegression(max_iter=5000)), "digits"),
    case(make_pipeline(pre.MinMaxScaler(), RandomForestClassifier(10, **SEEDED)), "wine"),
    case(make_pipeline(impute.SimpleImputer(), DecisionTreeClassifier(**SEEDED)), "iris"),
    case(_columns(ONE_HOT), "iris with words", "alone"),
    case(make_pipeline(_columns(ONE_HOT, FILLED), LogisticRegression()), "iris with words"),
    case(make_pipeline(_columns(STRICT), LogisticRegression(max_iter=2000)), "iris with words",
         "unknown text refused"),
    case(make_pipeline(_columns(ORDINAL), RandomForestClassifier(10, **SEEDED)),
         "iris with words"),
    case(make_pipeline(_columns(ORDINAL), DecisionTreeClassifier(**SEEDED)), "iris with words"),
)  # fmt: skip

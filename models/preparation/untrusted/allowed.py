"""
The names that a pickle may hold, each exact: a module and a name, never "anything below a package".

numpy and the standard library are full of names that run code when they are called (`numpy.load`,
`numpy.testing.runstring`, `functools.partial`), and so is every package that was not written
against such callers. What is not listed here is refused, also where it would do no harm.
"""

from collections.abc import Mapping
from pathlib import Path

# A call with arguments of the file's choice makes a value, and does nothing else.
_PLAIN = {
    "builtins": (
        "bool bytearray bytes complex dict float frozenset int list object range set slice str "
        "tuple"
    ),
    "collections": "Counter OrderedDict defaultdict deque",
    "copyreg": "_reconstructor",
    "_codecs": "encode",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "joblib.numpy_pickle": "NumpyArrayWrapper",
}
_SCALARS = (
    "bool bool_ complex128 complex64 datetime64 float16 float32 float64 int16 int32 int64 int8 "
    "longdouble object_ str_ bytes_ timedelta64 uint16 uint32 uint64 uint8 void longlong ulonglong "
    "intc uintc intp uintp"
)
# Element-wise functions that a FunctionTransformer can hold.
_UFUNCS = (
    "absolute arccos arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad degrees exp exp2 "
    "expm1 fabs floor isfinite isinf isnan log log10 log1p log2 negative positive rad2deg radians "
    "reciprocal rint sign sin sinh sqrt square tan tanh trunc"
)
_NUMPY = {
    "numpy": f"dtype ndarray abs {_SCALARS} {_UFUNCS}",
    "numpy.dtypes": (
        "BoolDType BytesDType Float16DType Float32DType Float64DType Int16DType Int32DType "
        "Int64DType Int8DType ObjectDType StrDType UInt16DType UInt32DType UInt64DType UInt8DType "
        "VoidDType"
    ),
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray MaskedConstant _mareconstruct",
    "numpy.random": "Generator RandomState",
    "numpy.random.mtrand": "RandomState",
    "numpy.random._generator": "Generator",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random._pickle": "__bit_generator_ctor __generator_ctor __randomstate_ctor",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
}
_CORE = {  # numpy 2 has it as `_core`, numpy 1 as `core`; pickles of either are read by both
    "multiarray": "_reconstruct scalar",
    "numeric": "_frombuffer",
    "_multiarray_umath": _UFUNCS,
}
_SPARSE = {
    "_bsr": "bsr_array bsr_matrix",
    "_coo": "coo_array coo_matrix",
    "_csc": "csc_array csc_matrix",
    "_csr": "csr_array csr_matrix",
    "_dia": "dia_array dia_matrix",
    "_dok": "dok_array dok_matrix",
    "_lil": "lil_array lil_matrix",
    "csc": "csc_matrix",  # before scipy 1.8
    "csr": "csr_matrix",
}
_OTHERS = {
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",  # a BSpline holds it
    "scipy.interpolate._bsplines": "BSpline",
    "scipy.interpolate._interpolate": "interp1d",
    "pandas.core.dtypes.dtypes": "CategoricalDtype",
    "pandas.core.indexes.base": "Index _new_Index",
    "pandas.core.indexes.range": "RangeIndex",
    "xgboost.core": "Booster",
    "xgboost.sklearn": (
        "XGBClassifier XGBModel XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor"
    ),
    "lightgbm.basic": "Booster",
    "lightgbm.sklearn": "LGBMClassifier LGBMModel LGBMRanker LGBMRegressor",
    "catboost.core": "CatBoost CatBoostClassifier CatBoostRanker CatBoostRegressor",
}
# How Python 2, and protocols below 3, spell it; and where past scikit-learns kept it.
_OLD_MODULES: Mapping[str, str] = {
    "__builtin__": "builtins",
    "copy_reg": "copyreg",
    "sklearn.externals.joblib.numpy_pickle": "joblib.numpy_pickle",
    "sklearn.decomposition.pca": "sklearn.decomposition._pca",
    "sklearn.ensemble.bagging": "sklearn.ensemble._bagging",
    "sklearn.ensemble.forest": "sklearn.ensemble._forest",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble._gb",
    "sklearn.ensemble.voting": "sklearn.ensemble._voting",
    "sklearn.ensemble.weight_boosting": "sklearn.ensemble._weight_boosting",
    "sklearn.feature_selection.univariate_selection": (
        "sklearn.feature_selection._univariate_selection"
    ),
    "sklearn.linear_model.base": "sklearn.linear_model._base",
    "sklearn.linear_model.coordinate_descent": "sklearn.linear_model._coordinate_descent",
    "sklearn.linear_model.logistic": "sklearn.linear_model._logistic",
    "sklearn.linear_model.ridge": "sklearn.linear_model._ridge",
    "sklearn.linear_model.stochastic_gradient": "sklearn.linear_model._stochastic_gradient",
    "sklearn.naive_bayes.naive_bayes": "sklearn.naive_bayes",
    "sklearn.neighbors._dist_metrics": "sklearn.metrics._dist_metrics",
    "sklearn.neighbors.classification": "sklearn.neighbors._classification",
    "sklearn.neighbors.kd_tree": "sklearn.neighbors._kd_tree",
    "sklearn.neighbors.regression": "sklearn.neighbors._regression",
    "sklearn.neural_network.multilayer_perceptron": (
        "sklearn.neural_network._multilayer_perceptron"
    ),
    "sklearn.preprocessing.data": "sklearn.preprocessing._data",
    "sklearn.preprocessing.label": "sklearn.preprocessing._label",
    "sklearn.preprocessing._function_transformer": "sklearn.preprocessing._function_transformer",
    "sklearn.svm.classes": "sklearn.svm._classes",
    "sklearn.tree.tree": "sklearn.tree._classes",
}
_OLD_NAMES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("sklearn.neighbors._kd_tree", "KDTree"): ("sklearn.neighbors._kd_tree", "KDTree64"),
    ("sklearn.metrics._dist_metrics", "EuclideanDistance"): (
        "sklearn.metrics._dist_metrics",
        "EuclideanDistance64",
    ),
}

Name = tuple[str, str]  # module, attribute


def _pairs(table: Mapping[str, str], below: str = "") -> set[Name]:
    return {(below + module, name) for module, names in table.items() for name in names.split()}


def _of_sklearn() -> set[Name]:
    lines = Path(__file__).with_name("allowed.txt").read_text().splitlines()
    return {(module, name) for module, _, name in (line.partition(":") for line in lines)}


NUMPY = _pairs(_NUMPY) | _pairs(_CORE, "numpy._core.") | _pairs(_CORE, "numpy.core.")
OTHERS = _pairs(_OTHERS)
ALLOWED: frozenset[Name] = frozenset(
    _pairs(_PLAIN) | NUMPY | _pairs(_SPARSE, "scipy.sparse.") | OTHERS | _of_sklearn()
)


def present(name: Name) -> Name:
    """The name as the libraries of today spell it; it need not be allowed."""
    module, attribute = name
    now = (_OLD_MODULES.get(module, module), attribute)
    return now if now in ALLOWED else _OLD_NAMES.get(now, now)

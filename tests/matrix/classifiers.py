"""Classifiers of the matrix: what each is made by, and the data that it learns."""

from sklearn import discriminant_analysis as da
from sklearn import ensemble, linear_model, naive_bayes, neighbors, svm, tree
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from tests.matrix.case import Case, case

LR = linear_model.LogisticRegression
DT = tree.DecisionTreeClassifier
THREE = [("lr", LR(max_iter=2000)), ("dt", DT(max_depth=4)), ("nb", naive_bayes.GaussianNB())]
SEEDED = {"random_state": 0}
CLASSIFIERS: tuple[Case, ...] = (
    case(LR(max_iter=5000), "wine"),
    case(linear_model.LogisticRegressionCV(Cs=3, max_iter=2000), "iris"),
    case(linear_model.RidgeClassifier(), "wine"),
    case(linear_model.RidgeClassifierCV(), "breast_cancer"),
    case(linear_model.SGDClassifier(loss="log_loss", **SEEDED), "iris, scaled", "log loss"),
    case(linear_model.SGDClassifier(**SEEDED), "iris, scaled", "hinge"),
    case(linear_model.Perceptron(**SEEDED), "iris, scaled"),
    case(svm.LinearSVC(max_iter=10000, **SEEDED), "iris"),
    case(svm.SVC(), "wine"),
    case(svm.SVC(kernel="linear"), "iris", "linear"),
    case(svm.NuSVC(), "iris"),
    case(neighbors.KNeighborsClassifier(), "digits"),
    case(neighbors.RadiusNeighborsClassifier(radius=2.0), "iris"),
    case(neighbors.NearestCentroid(), "iris"),
    case(naive_bayes.GaussianNB(), "wine, scaled"),
    case(naive_bayes.BernoulliNB(), "wine, scaled"),
    case(naive_bayes.MultinomialNB(), "digits"),
    case(naive_bayes.ComplementNB(), "digits"),
    case(naive_bayes.CategoricalNB(min_categories=20), "digits"),
    case(da.LinearDiscriminantAnalysis(), "wine, scaled"),
    case(da.QuadraticDiscriminantAnalysis(), "iris, scaled"),
    case(DT(**SEEDED), "breast_cancer"),
    case(tree.ExtraTreeClassifier(**SEEDED), "wine"),
    case(ensemble.RandomForestClassifier(20, **SEEDED), "breast_cancer"),
    case(ensemble.RandomForestClassifier(50, **SEEDED), "digits", "ten classes"),
    case(ensemble.ExtraTreesClassifier(20, **SEEDED), "digits"),
    case(ensemble.GradientBoostingClassifier(n_estimators=20, **SEEDED), "wine"),
    case(ensemble.HistGradientBoostingClassifier(max_iter=20), "breast_cancer"),
    case(ensemble.HistGradientBoostingClassifier(max_iter=10), "wine", "three classes"),
    case(ensemble.AdaBoostClassifier(n_estimators=10, **SEEDED), "wine"),
    case(ensemble.BaggingClassifier(n_estimators=5, **SEEDED), "wine"),
    case(ensemble.VotingClassifier(THREE, voting="soft"), "wine", "soft"),
    case(ensemble.VotingClassifier(THREE), "wine", "hard"),
    case(ensemble.StackingClassifier(THREE), "iris"),
    case(CalibratedClassifierCV(svm.LinearSVC(**SEEDED), cv=3), "iris"),
    case(CalibratedClassifierCV(DT(max_depth=4), method="isotonic", cv=3), "wine", "isotonic"),
    case(OneVsRestClassifier(LR(max_iter=2000)), "iris"),
    case(OneVsOneClassifier(LR(max_iter=2000)), "iris"),
    case(OutputCodeClassifier(LR(max_iter=2000), **SEEDED), "iris"),
    case(MLPClassifier((16,), max_iter=200, **SEEDED), "iris"),
    case(GaussianProcessClassifier(), "iris"),
    case(DummyClassifier(), "iris"),
    case(GridSearchCV(DT(**SEEDED), {"max_depth": [2, 4]}, cv=3), "iris"),
    case(LabelPropagation(gamma=1), "iris"),
    case(LabelSpreading(gamma=1), "iris"),
)

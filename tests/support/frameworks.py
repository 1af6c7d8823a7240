"""
A small model of each framework, trained, kept, opened and asked inside a child.

Run by `Child("tests.support.frameworks", python=…)`: it shows that what confines a model leaves the
framework its threads and its files.
"""

from typing import Any

import numpy as np

from models.preparation.sandbox.served import serve

ROWS = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
LABELS = (ROWS[:, 0] > 0).astype(int)


def sklearn() -> dict[str, Any]:
    import joblib
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(10, n_jobs=2, random_state=0).fit(ROWS, LABELS)
    joblib.dump(forest, "forest.joblib", compress=3)
    return {"right": float((joblib.load("forest.joblib").predict(ROWS) == LABELS).mean())}


def xgboost() -> dict[str, Any]:
    import xgboost

    xgboost.XGBClassifier(n_estimators=10, n_jobs=2).fit(ROWS, LABELS).save_model("model.ubj")
    model = xgboost.XGBClassifier()
    model.load_model("model.ubj")
    return {"right": float((model.predict(ROWS) == LABELS).mean())}


def lightgbm() -> dict[str, Any]:
    import lightgbm

    fitted = lightgbm.LGBMClassifier(n_estimators=10, n_jobs=2, verbose=-1).fit(ROWS, LABELS)
    fitted.booster_.save_model("model.txt")
    booster = lightgbm.Booster(model_file="model.txt")
    return {"right": float(((booster.predict(ROWS) > 0.5) == LABELS).mean())}


def catboost() -> dict[str, Any]:
    from catboost import CatBoostClassifier

    fitted = CatBoostClassifier(iterations=10, verbose=False, allow_writing_files=False)
    fitted.fit(ROWS, LABELS)
    fitted.save_model("model.cbm")
    fitted.save_model("model.onnx", format="onnx")
    model = CatBoostClassifier().load_model("model.cbm")
    return {"right": float((np.ravel(model.predict(ROWS)).astype(int) == LABELS).mean())}


def torch() -> dict[str, Any]:
    import torch

    network = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    torch.save(network.state_dict(), "weights.pt")
    network.load_state_dict(torch.load("weights.pt", weights_only=True))
    rows = torch.from_numpy(ROWS[:2])
    torch.export.save(torch.export.export(network.eval(), (rows,)), "model.pt2")
    again = torch.export.load("model.pt2")
    torch.onnx.export(again, (rows,), "model.onnx", dynamo=True, external_data=False, verbose=False)
    return {"outputs": list(_session("model.onnx").run(None, {"input": ROWS[:2]})[0].shape)}


def onnxruntime() -> dict[str, Any]:
    from onnx import TensorProto, helper, save

    node = helper.make_node("Relu", ["input"], ["output"])
    ends = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, 5]) for n in ("input", "output")
    ]
    graph = helper.make_graph([node], "relu", ends[:1], ends[1:])
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10),
        "m.onnx",
    )
    return {"outputs": list(_session("m.onnx").run(None, {"input": ROWS})[0].shape)}


def pickled(framework: str) -> dict[str, Any]:
    """Its classifier in a pipeline, kept as pickle and by joblib, with what it answers."""
    import importlib
    import pickle
    from pathlib import Path

    import joblib
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    makers = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier"}
    maker = getattr(importlib.import_module(framework), makers.get(framework, "CatBoostClassifier"))
    booster = maker(**{"iterations" if framework == "catboost" else "n_estimators": 5})
    if framework == "catboost":
        booster.set_params(verbose=False, allow_writing_files=False)
    model = make_pipeline(StandardScaler(), booster).fit(ROWS, LABELS)
    Path("model.pkl").write_bytes(pickle.dumps(model))
    joblib.dump(model, "model.joblib")
    np.save("rows.npy", ROWS)
    np.save("answers.npy", np.ravel(model.predict(ROWS)))
    return {}


def _session(file: str) -> Any:
    from wherry.ort import onnxruntime as runtime

    options = runtime.SessionOptions()
    options.intra_op_num_threads = 2
    return runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    tried = (sklearn, xgboost, lightgbm, catboost, torch, onnxruntime, pickled)
    serve({each.__name__: each for each in tried})

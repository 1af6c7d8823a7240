"""
Runs in MLflow's own environment, alone: download a model by its URI, and tell what is said of it.

`fetch.py URI FOLDER TRACKING_URI` prints one JSON object. Nothing that it downloads is opened.
It imports nothing of ours, and nothing of ours imports it.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

SECONDS = "20"
RETRIES = "1"


def fetch(uri: str, folder: str, tracking_uri: str) -> dict[str, Any]:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", SECONDS)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", RETRIES)
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # it is only read
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    logging.disable(logging.WARNING)
    import mlflow

    mlflow.set_tracking_uri(tracking_uri)
    try:
        path = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder)
        return {"folder": str(Path(path)), "tags": _tags(mlflow, Path(path))}
    except Exception as error:  # noqa: BLE001 - what a server or a store says, told in a line
        return {"error": _line(error, tracking_uri)}


def _line(error: Exception, tracking_uri: str) -> str:
    """Without MLflow's names of its own errors, and without the addresses of a connection."""
    told = str(error).partition("\n")[0]
    if "failed with exception" in told:
        return f"nobody answers at {tracking_uri}"
    return told.split(": ", 1)[-1][:300] if told.split(":")[0].isupper() else told[:300]


def _tags(mlflow: Any, folder: Path) -> dict[str, str]:
    """What people wrote at the run; MLflow's own tags begin with its name."""
    import yaml

    told = yaml.safe_load((folder / "MLmodel").read_bytes()) if folder.is_dir() else {}
    run = told.get("run_id") if isinstance(told, dict) else None
    if not isinstance(run, str):
        return {}
    try:
        tags = mlflow.MlflowClient().get_run(run).data.tags
    except Exception:  # noqa: BLE001 - a run may be gone, and its model still there
        return {}
    return {name: value for name, value in tags.items() if not name.startswith("mlflow.")}


if __name__ == "__main__":
    print(json.dumps(fetch(*sys.argv[1:])))  # noqa: T201 - that is its answer

"""The model store: where published artifacts live, on S3, in a directory or in memory."""

from wherry.store.model_store import MODEL_NAME, ModelStore, ModelVersion

__all__ = ["MODEL_NAME", "ModelStore", "ModelVersion"]

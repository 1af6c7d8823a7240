"""From a trained model to a proven artifact: train, convert, verify, publish. Never shipped."""

from models.preparation.declared import steps_of
from models.preparation.trained import Trained

__all__ = ["Trained", "steps_of"]

"""Models of text: a tokenizer before an estimator that takes the counts of each text's tokens."""

from models.preparation.texts.bag import token_counts

__all__ = ["token_counts"]

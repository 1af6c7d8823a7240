"""
A bag of tokens: how often each token of a tokenizer's vocabulary occurs in a text.

Training, parity and serving count what one and the same piece of code tokenizes, the one that
serves. Whether a long text is cut is the tokenizer's own to say: one with `enable_truncation` cuts
there, one without refuses what is over the limit.
"""

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from wherry.pipeline.spec import TokenizeStep

TEXT = "text"
NO_LIMIT = 1 << 40  # elements: here the texts are the author's own
AT_ONCE = 256  # texts: padded to the longest of them, so not all together


class Bag:
    """`size` is how many columns the counts have."""

    def __init__(self, tokenizer: str) -> None:
        from wherry.pipeline.text import TokenizeLeaf

        self.step = step_of(tokenizer)
        self._leaf = TokenizeLeaf(self.step, tokenizer.encode(), ["BYTES"], NO_LIMIT)
        self.size: int = self._leaf.vocabulary

    def tokens(self, texts: Iterable[str]) -> dict[str, NDArray[Any]]:
        """What the graph behind the tokenizer takes."""
        return dict(self._leaf.compute([_objects(texts)]))

    def counts(self, texts: Iterable[str]) -> Any:
        """A sparse matrix of float32, as scikit-learn's estimators take it: one row a text."""
        from scipy import sparse

        rows = _objects(texts)
        parts = [self._counted(rows[at : at + AT_ONCE]) for at in range(0, len(rows), AT_ONCE)]
        return sparse.vstack(parts, "csr") if parts else sparse.csr_matrix((0, self.size))

    def _counted(self, texts: NDArray[Any]) -> Any:
        from scipy import sparse

        told = self.tokens(texts)
        row, column = np.nonzero(told["attention_mask"])
        ids = told["input_ids"][row, column]
        ones = np.ones(len(ids), np.float32)
        return sparse.csr_matrix((ones, (row, ids)), shape=(len(texts), self.size))


def _objects(texts: Iterable[str]) -> NDArray[Any]:
    return np.array([*texts, None], object)[:-1]  # an array of objects, whatever they are


def token_counts(tokenizer: str, texts: Iterable[str]) -> Any:
    """The columns to learn from; `tokenizer` is what `Tokenizer.to_str()` tells."""
    return Bag(tokenizer).counts(texts)


def step_of(tokenizer: str) -> TokenizeStep:
    """How the tokenizer is run when it serves."""
    told = json.loads(tokenizer)
    cut, padding = told.get("truncation"), told.get("padding")
    step = TokenizeStep(name="tokens", text=TEXT, pad_id=padding["pad_id"] if padding else 0)
    if cut is None:
        return msgspec.structs.replace(step, too_long="refuse")
    return msgspec.structs.replace(step, max_tokens=cut["max_length"])

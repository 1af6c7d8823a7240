"""
Text to token ids, by the `tokenizers` library, from the tokenizer that the artifact holds.

It is an extra of the runtime: a service whose pipeline needs it is refused at its start where it is
not installed, and no other service ever imports it. Bounded, since a caller's text is not: the
characters of each text, the tokens of each, and the tokens of all together after padding.
It takes each text by itself: the library's own pool of threads would outlive a frozen function.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry.errors import ArtifactError, ConfigurationError, RequestError, TooLargeError
from wherry.pipeline.leaves import Tensors
from wherry.pipeline.order import where
from wherry.pipeline.spec import TokenizeStep


class TokenizeLeaf:
    """`elements` bounds what one request may become."""

    def __init__(
        self, step: TokenizeStep, tokenizer: bytes, datatypes: Sequence[str], elements: int
    ) -> None:
        if list(datatypes) != ["BYTES"]:
            raise ArtifactError(
                where(step.name), f"it takes {', '.join(datatypes)}", "Give it a BYTES tensor."
            )
        self.outputs = {"input_ids": "INT64", "attention_mask": "INT64"}
        self._step, self._elements = step, elements
        self._tokenizer = _loaded(step, tokenizer)
        self.vocabulary: int = self._tokenizer.get_vocab_size()

    def compute(self, tensors: Sequence[NDArray[Any]]) -> Tensors:
        (texts,) = tensors
        if texts.ndim != 1:
            raise RequestError(
                self._step.text, f"one text a row is wanted, shape {texts.shape} came"
            )
        rows = [self._tokens(row, text) for row, text in enumerate(texts)]
        longest = max(map(len, rows), default=0) or 1  # a model wants a column, even of padding
        if len(rows) * longest > self._elements:
            raise TooLargeError(
                self._step.text,
                f"{len(rows)} texts of up to {longest} tokens; {self._elements} are the most",
                "Send fewer or shorter texts.",
            )
        ids = np.full((len(rows), longest), self._step.pad_id, np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def _tokens(self, row: int, value: str | bytes) -> list[int]:
        place = f"{self._step.text}, row {row}"
        text = _text(place, value)
        if len(text) > self._step.max_characters:
            most = f"{self._step.max_characters} are the most"
            raise TooLargeError(place, f"{len(text)} characters came; {most}", "Send less text.")
        tokens: list[int] = self._tokenizer.encode(text).ids
        if len(tokens) > self._step.max_tokens:
            most = f"{self._step.max_tokens} are the most"
            raise TooLargeError(place, f"it has {len(tokens)} tokens; {most}", "Send less text.")
        return tokens


def _text(place: str, value: str | bytes) -> str:
    try:
        text = value.decode() if isinstance(value, bytes) else value
        text.encode()  # a lone surrogate is no text
    except UnicodeError:
        raise RequestError(place, "it is no UTF-8 text") from None
    return text


def _loaded(step: TokenizeStep, data: bytes) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ConfigurationError(
            where(step.name),
            "it needs the tokenizers library, which is not installed",
            "Install requirements/text.txt beside requirements/runtime.txt.",
        ) from error
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the library raises nothing narrower
        raise ArtifactError(step.file, "it is no tokenizer", "Publish the model again.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if step.too_long == "truncate":
        tokenizer.enable_truncation(step.max_tokens)
    return tokenizer

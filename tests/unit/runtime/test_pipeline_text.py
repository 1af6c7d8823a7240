"""Text to token ids: bounded, padded to the longest row, and refused where it is no text."""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from tests.support.onnx_models import spec
from tests.support.pipelines import pipeline, sealed_pipeline
from tests.support.requests_v2 import request, tensor
from tests.support.services import service_of
from wherry.errors import ArtifactError, ConfigurationError, RequestError, TooLargeError
from wherry.pipeline.executor import Pipeline

OUTPUTS = {"ids": "words.input_ids", "mask": "words.attention_mask"}
WORDS = {"[UNK]": 0, "ship": 1, "sails": 2, "the": 3}


def tokenizer() -> bytes:
    made = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return str(made.to_str()).encode()


def of_text(elements: int = 1000, **told: Any) -> Pipeline:
    step = {"kind": "tokenize", "name": "words", "text": "text", **told}
    files = {"tokenizer.json": tokenizer()}
    return pipeline([step], OUTPUTS, files, inputs=[spec("text", "BYTES")], elements=elements)


def tokens(made: Pipeline, *texts: object) -> tuple[list[Any], list[Any]]:
    ids, mask = made.run(["ids", "mask"], {"text": np.array(texts, object)})
    assert ids.dtype == mask.dtype == np.int64
    return ids.tolist(), mask.tolist()


def test_rows_are_padded_to_the_longest_and_the_mask_tells_what_is_text() -> None:
    ids, mask = tokens(of_text(pad_id=9), "the ship", "sails", "")

    assert ids == [[3, 1], [2, 9], [9, 9]]
    assert mask == [[1, 1], [1, 0], [0, 0]]


def test_text_comes_as_text_or_as_its_utf8_bytes() -> None:
    assert tokens(of_text(), "the ship") == tokens(of_text(), b"the ship")


def test_rows_without_a_word_still_have_a_column() -> None:
    assert tokens(of_text(), "") == ([[0]], [[0]])
    assert tokens(of_text()) == ([], [])


def test_a_long_text_is_cut_where_the_pipeline_says_so() -> None:
    assert tokens(of_text(max_tokens=2), "the ship sails")[0] == [[3, 1]]


def test_a_long_text_is_refused_where_the_pipeline_says_so() -> None:
    made = of_text(max_tokens=2, too_long="refuse")

    with pytest.raises(TooLargeError, match="text, row 1: it has 3 tokens; 2 are the most"):
        tokens(made, "the ship", "the ship sails")


def test_characters_are_counted_before_any_work_is_done() -> None:
    with pytest.raises(TooLargeError, match="row 0: 11 characters came; 10 are the most"):
        tokens(of_text(max_characters=10), "a" * 11)


def test_too_long_a_text_is_told_so_and_nothing_of_rows() -> None:
    step = {"kind": "tokenize", "name": "words", "text": "text", "max_characters": 3}
    promised = {name: (told, spec(name, "INT64", (-1, -1))) for name, told in OUTPUTS.items()}
    text, files = spec("text", "BYTES"), {"tokenizer.json": tokenizer()}
    service = service_of(sealed_pipeline([step], promised, files, inputs=[text]))

    with pytest.raises(
        TooLargeError, match=r"4 characters came; 3 are the most\. Send less text\.$"
    ):
        service.infer(request(tensor("text", "BYTES", [1], ["ship"])))


def test_one_long_text_cannot_make_many_empty_ones_large() -> None:
    with pytest.raises(TooLargeError, match="21 texts of up to 50 tokens"):
        tokens(of_text(elements=1000), "ship " * 50, *[""] * 20)


@pytest.mark.parametrize("value", [b"\xff\xfe", "\ud800"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(RequestError, match="row 0: it is no UTF-8 text"):
        tokens(of_text(), value)


def test_a_broken_tokenizer_is_refused_at_the_start() -> None:
    step = {"kind": "tokenize", "name": "words", "text": "text"}

    with pytest.raises(ArtifactError, match=r"tokenizer.json: it is no tokenizer"):
        pipeline([step], OUTPUTS, {"tokenizer.json": b"{}"}, inputs=[spec("text", "BYTES")])


@pytest.fixture
def _without_tokenizers() -> Iterator[None]:
    """What Python does for a package that is not installed: None in its table of modules."""
    found = sys.modules.pop("tokenizers")
    sys.modules["tokenizers"] = None  # type: ignore[assignment] # it is how Python itself says so
    yield
    sys.modules["tokenizers"] = found


@pytest.mark.usefixtures("_without_tokenizers")
def test_without_the_library_the_start_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match=r"Install requirements/text.txt"):
        of_text()


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text_becomes_ids_of_its_own_row_alone(texts: list[str]) -> None:
    made = of_text()

    ids, mask = tokens(made, *texts)

    for row, text in enumerate(texts):
        alone, _ = tokens(made, text)
        length = sum(mask[row])
        assert ids[row][:length] == alone[0][:length]

"""Counts of tokens are the same wherever they are counted: in training and in the served graph."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from tokenizers import Tokenizer, models, pre_tokenizers

from models.preparation.texts.bag import Bag, token_counts
from models.preparation.texts.graph import with_bag
from tests.support.onnx_models import onnx_model, spec
from wherry.errors import TooLargeError
from wherry.session import Session

WORDS = {"[UNK]": 0, "ship": 1, "sails": 2, "the": 3}
TEXTS = st.lists(st.lists(st.sampled_from([*WORDS, "tar"]), max_size=12).map(" ".join), max_size=8)


def tokenizer(most_tokens: int | None = 10) -> str:
    made = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if most_tokens is not None:
        made.enable_truncation(most_tokens)
    return str(made.to_str())


BAG = Bag(tokenizer())


def told_back() -> Session:
    """A graph whose answer is the counts themselves."""
    rows = [spec("features", "FP32", (-1, BAG.size))], [spec("counts", "FP32", (-1, BAG.size))]
    model = onnx_model([helper.make_node("Identity", ["features"], ["counts"])], *rows)
    return Session(with_bag(model.SerializeToString(), BAG.size), threads=1)


GRAPH = told_back()


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_the_graph_counts_as_training_does(texts: list[str]) -> None:
    (counts,) = GRAPH.run(["counts"], BAG.tokens(texts))

    np.testing.assert_array_equal(counts, BAG.counts(texts).toarray())


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_training_counts_each_token_of_each_text(texts: list[str]) -> None:
    counts = token_counts(tokenizer(), texts).toarray()

    assert counts.shape == (len(texts), len(WORDS))
    for row, text in zip(counts, texts, strict=True):
        words = Counter(WORDS.get(word, 0) for word in text.split()[:10])
        assert row.tolist() == [words[token] for token in range(len(WORDS))]


def test_the_tokenizer_says_whether_a_long_text_is_cut_or_refused() -> None:
    assert token_counts(tokenizer(2), ["the ship sails"]).toarray().tolist() == [[0, 1, 0, 1]]
    with pytest.raises(TooLargeError, match="513 tokens; 512 are the most"):
        token_counts(tokenizer(None), ["ship " * 513])


def test_many_texts_are_counted_in_the_order_in_which_they_come() -> None:
    texts = ["ship " * (number % 7) for number in range(600)]

    counts = token_counts(tokenizer(), texts).toarray()

    assert counts[:, 1].tolist() == [number % 7 for number in range(600)]

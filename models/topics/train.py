"""Which AWS service a paragraph is about, learnt from the documentation that botocore carries."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from botocore.loaders import Loader
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from models.preparation import Trained
from models.preparation.texts import token_counts

SERVICES = (
    "cloudwatch", "dynamodb", "ecs", "events", "iam", "kms", "lambda", "s3", "sns", "sqs",
)  # fmt: skip
MOST_TOKENS = 256
SHORTEST = 60  # characters: less is no paragraph


def train(*, vocabulary: int = 4000, c: float = 30.0) -> Trained:
    """
    Learn from what is said of parameters; be judged by what is said of operations.

    `vocabulary` is the tokens of the tokenizer; `c` says how closely to learn (scikit-learn's C).
    """
    learnt = [(text, name) for name in SERVICES for text in _of_parameters(name)]
    seen = {text.casefold() for text, _ in learnt}
    held_out = [
        (text, name)
        for name in SERVICES
        for text in _of_operations(name)
        if text.casefold() not in seen
    ]
    tokenizer = _tokenizer([text for text, _ in learnt], vocabulary)
    X_train, y_train = map(np.array, zip(*learnt, strict=True))
    X_held_out, y_held_out = map(np.array, zip(*held_out, strict=True))
    classifier = make_pipeline(
        TfidfTransformer(),
        LogisticRegression(C=c, class_weight="balanced", max_iter=1000),
    )
    return Trained(
        estimator=classifier.fit(token_counts(tokenizer, X_train), y_train),
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
        tokenizer=tokenizer,
    )


def _tokenizer(texts: Iterable[str], vocabulary: int) -> str:
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))  # noqa: S106 - a token of text
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["[UNK]"], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(MOST_TOKENS)
    return str(tokenizer.to_str())


def _of_parameters(service: str) -> list[str]:
    shapes = _described(service)["shapes"].values()
    return _paragraphs(
        member.get("documentation", "")
        for shape in shapes
        for member in shape.get("members", {}).values()
    )


def _of_operations(service: str) -> list[str]:
    operations = _described(service)["operations"].values()
    return _paragraphs(operation.get("documentation", "") for operation in operations)


def _described(service: str) -> dict[str, Any]:
    return dict(Loader().load_service_model(service, "service-2"))


def _paragraphs(documents: Iterable[str]) -> list[str]:
    """Each once, in the order in which they come."""
    return list(dict.fromkeys(text for each in documents for text in _plain(each)))


def _plain(document: str) -> Iterator[str]:
    for part in re.split(r"</(?:p|li)>", document):
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split())
        if len(text) >= SHORTEST:
            yield text

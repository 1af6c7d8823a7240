"""
What a manifest says of a pipeline: named steps, and how they are wired.

A step takes tensors by name: an input of the pipeline (`features`), or what another step gives
(`forest.probabilities`). So a sequence, a parallel group and any mix of both are wiring, and need
no word of their own; the order comes from who needs whom. It refuses what cannot be run: a name
that is there twice, a source that nothing gives, a step that waits for itself. Whether datatypes
fit is judged where the models are loaded.
"""

import re
from collections.abc import Collection
from typing import Annotated, Literal

import msgspec

TOKENIZER = "tokenizer.json"
STEP_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")

Source = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
StepName = Annotated[str, msgspec.Meta(pattern=rf"^{STEP_NAME.pattern}$")]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class _Step(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"
):
    name: StepName


class ModelStep(_Step, frozen=True, tag="model"):
    """A model; `inputs` names the source of each of its inputs. It gives the model's outputs."""

    file: str
    inputs: dict[str, Source]


class MeanStep(_Step, frozen=True, tag="mean"):
    """The mean of tensors, as `value`; with `labels`, also the `label` of the largest column."""

    of: Annotated[tuple[Source, ...], msgspec.Meta(min_length=2)]
    labels: tuple[str | int, ...] = ()


class WeightedStep(_Step, frozen=True, tag="weighted"):
    """A weighted mean: `of` maps each source to its weight; otherwise like `mean`."""

    of: Annotated[dict[Source, Annotated[float, msgspec.Meta(gt=0)]], msgspec.Meta(min_length=2)]
    labels: tuple[str | int, ...] = ()


class VoteStep(_Step, frozen=True, tag="vote"):
    """The most frequent `label` of each row; a tie goes to the one that is named first in `of`."""

    of: Annotated[tuple[Source, ...], msgspec.Meta(min_length=2)]


class SwitchStep(_Step, frozen=True, tag="switch"):
    """
    One step's answer for each row, chosen by the value of the tensor `by` (text, whole, or bool).

    `cases` maps a value, as text, to a step. It gives the outputs that all of these steps give.
    """

    by: Source
    cases: Annotated[dict[str, StepName], msgspec.Meta(min_length=1)]
    otherwise: StepName | None = None


class CascadeStep(_Step, frozen=True, tag="cascade"):
    """
    The first step's answer for each row, unless it is unsure: then the next one's, and so on.

    Unsure is a row whose largest `confidence` is under the threshold. It gives the outputs that all
    of these steps give.
    """

    steps: Annotated[tuple[StepName, ...], msgspec.Meta(min_length=2)]
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)]
    confidence: str = "probabilities"


class TokenizeStep(_Step, frozen=True, tag="tokenize"):
    """
    Text to `input_ids` and `attention_mask`, INT64 [rows, longest row].

    A text over `max_characters` is refused; one over `max_tokens` is cut, or refused.
    """

    text: Source
    file: str = TOKENIZER
    max_characters: Positive = 20_000
    max_tokens: Positive = 512
    too_long: Literal["truncate", "refuse"] = "truncate"
    pad_id: Annotated[int, msgspec.Meta(ge=0)] = 0


Step = ModelStep | MeanStep | WeightedStep | VoteStep | SwitchStep | CascadeStep | TokenizeStep


class PipelineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The steps, and the source of each output of the whole."""

    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=64)]
    outputs: Annotated[dict[str, Source], msgspec.Meta(min_length=1)]

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the artifact that it needs, each once."""
        found = (step.file for step in self.steps if isinstance(step, ModelStep | TokenizeStep))
        return tuple(dict.fromkeys(found))


def sources(step: Step) -> tuple[str, ...]:
    """The tensors that a step takes for all its rows."""
    match step:
        case ModelStep(inputs=inputs):
            return tuple(inputs.values())
        case MeanStep(of=of) | VoteStep(of=of):
            return of
        case WeightedStep(of=weights):
            return tuple(weights)
        case SwitchStep(by=by):
            return (by,)
        case TokenizeStep(text=text):
            return (text,)
        case CascadeStep():
            return ()


def branches(step: Step) -> tuple[str, ...]:
    """The steps that a step asks for some of its rows."""
    match step:
        case SwitchStep(cases=cases, otherwise=otherwise):
            return tuple(dict.fromkeys([*cases.values(), *([otherwise] if otherwise else [])]))
        case CascadeStep(steps=steps):
            return steps
        case _:
            return ()


def step_of(source: str, steps: Collection[str]) -> str | None:
    """The step that gives `source`, or None: it is an input of the pipeline."""
    name, dot, _ = source.partition(".")
    return name if dot and name in steps else None


def output_of(source: str) -> str:
    """Which output of its step `source` is."""
    return source.partition(".")[2]

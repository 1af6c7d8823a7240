"""Which of two students of one size won: the one of the labels, or the one of the model."""

from collections.abc import Mapping, Sequence

from models.preparation.optimizing.choose import SIGNIFICANT
from models.preparation.optimizing.measured import Candidate
from models.preparation.optimizing.quality import p_worse
from models.preparation.optimizing.settled import Answers
from models.preparation.optimizing.subject import OF_LABELS, OF_MODEL, Subject


def notes_of(
    subject: Subject, candidates: Sequence[Candidate], answers: Mapping[str, Answers]
) -> tuple[str, ...]:
    """One sentence, where both were made and the truth is known."""
    told = {each.name: each.quality for each in candidates if each.quality is not None}
    labels, model = told.get(OF_LABELS), told.get(OF_MODEL)
    if labels is None or model is None or not labels.metrics:
        return ()
    name = next(iter(labels.metrics))
    ours, theirs = model.metrics[name], labels.metrics[name]
    figures = f"{name} {ours:.4f} of the model, {theirs:.4f} of the labels, {model.rows} rows"
    if ours == theirs:
        return (f"Distillation made no difference: {figures}.",)
    won, lost = (OF_MODEL, OF_LABELS) if ours > theirs else (OF_LABELS, OF_MODEL)
    chance = p_worse(subject, answers[won], answers[lost])
    verb = "won" if won == OF_MODEL else "lost"
    sure = "" if chance < SIGNIFICANT else ", which may be chance"
    against = f"against the same student on true labels{sure} (p = {chance:.2g})"
    return (f"Distillation {verb} {against}: {figures}.",)

"""What every store of outcomes must do; run over the fake, and over DynamoDB on the local AWS."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.outcomes_fakes import AT, DAY, exposed, predicted, prediction_id, told
from wherry_control.experiments.facts import Exposure, Feedback
from wherry_control.experiments.outcomes import Outcomes

SECOND = timedelta(seconds=1)


class OutcomesContract:
    """A subclass gives the fixture `outcomes`; models are named anew, as a table may be shared."""

    @pytest.fixture
    def model(self) -> str:
        return f"m-{uuid4().hex[:12]}"

    def test_a_model_without_facts_has_empty_shards(self, outcomes: Outcomes, model: str) -> None:
        assert read(outcomes, model) == ([], [])

    def test_facts_come_back_whole(self, outcomes: Outcomes, model: str) -> None:
        outcomes.expose([exposed(1, "linear", model=model), predicted(2, model=model)])
        outcomes.tell([told(1, 0.1, "liked", AT + SECOND, model=model)])

        exposures, feedback = read(outcomes, model)

        experiment, subject = "forest-or-linear", f"{1:016x}"
        one, two = prediction_id(1), prediction_id(2)
        assert exposures == [
            Exposure(model, one, AT, "7", experiment, "linear", subject),
            Exposure(model, two, AT, "7"),
        ]
        assert feedback == [Feedback(model, one, AT + SECOND, "liked", 0.1)]

    def test_what_is_delivered_again_is_kept_once(self, outcomes: Outcomes, model: str) -> None:
        """Within one delivery, and in another."""
        for _ in range(2):
            outcomes.expose([exposed(1, "linear", model=model)] * 2)
            outcomes.tell([told(1, model=model)] * 2)

        exposures, feedback = read(outcomes, model)
        assert (len(exposures), len(feedback)) == (1, 1)

    def test_what_is_told_again_is_kept_beside_the_first(
        self, outcomes: Outcomes, model: str
    ) -> None:
        """Which of them counts is for the reader to say."""
        outcomes.tell([told(1, 1, model=model), told(1, 0, at=AT + SECOND, model=model)])
        outcomes.tell([told(1, 0, model=model)])

        assert sorted(each.value for each in read(outcomes, model)[1]) == [0, 0, 1]

    def test_a_span_has_the_exposures_of_its_time_and_all_feedback_since(
        self, outcomes: Outcomes, model: str
    ) -> None:
        """From the first moment to before the last; feedback is late by nature."""
        times = {1: AT - SECOND, 2: AT, 3: AT + DAY - SECOND, 4: AT + DAY}
        outcomes.expose([exposed(number, "a", at, model=model) for number, at in times.items()])
        outcomes.tell([told(2, at=AT + 30 * DAY, model=model), told(3, at=AT - DAY, model=model)])

        exposures, feedback = read(outcomes, model)

        assert numbers(exposures) == [2, 3]
        assert numbers(feedback) == [2]

    def test_feedback_by_a_clock_that_is_behind_is_of_the_span(
        self, outcomes: Outcomes, model: str
    ) -> None:
        """It may seem to come before its prediction, which was the first of the span."""
        outcomes.tell([told(1, at=AT - SECOND, model=model)])

        assert numbers(read(outcomes, model)[1]) == [1]

    def test_more_facts_than_one_batch_or_page_are_all_kept(
        self, outcomes: Outcomes, model: str
    ) -> None:
        outcomes.expose(exposed(number, "a", model=model) for number in range(60))
        outcomes.tell(told(number, model=model) for number in range(60))

        exposures, feedback = read(outcomes, model)
        assert numbers(exposures) == numbers(feedback) == list(range(60))

    def test_lines_that_tell_no_fact_are_passed_over(self, outcomes: Outcomes, model: str) -> None:
        """So that a delivery may be given as it is to both."""
        lines = [exposed(1, "a", model=model), told(1, model=model), {"message": "INIT"}]
        outcomes.expose(lines)
        outcomes.tell(lines)

        exposures, feedback = read(outcomes, model)
        assert (len(exposures), len(feedback)) == (1, 1)

    def test_models_do_not_share_facts(self, outcomes: Outcomes, model: str) -> None:
        outcomes.expose([exposed(1, "a", model=f"{model}-b")])

        assert read(outcomes, model) == ([], [])


def read(
    outcomes: Outcomes, model: str, since: datetime = AT, until: datetime = AT + DAY
) -> tuple[list[Exposure], list[Feedback]]:
    """All shards together, in the order of the predictions."""
    shards = list(outcomes.shards(model, since, until))
    exposures = [each for shard in shards for each in shard.exposures]
    feedback = [each for shard in shards for each in shard.feedback]
    return (
        sorted(exposures, key=lambda each: int(each.prediction[1:], 16)),
        sorted(feedback, key=lambda each: int(each.prediction[1:], 16)),
    )


def numbers(facts: Sequence[Exposure | Feedback]) -> list[int]:
    return [int(each.prediction[1:], 16) for each in facts]

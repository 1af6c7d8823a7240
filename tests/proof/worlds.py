"""What all worlds share: work under way, and that one of it goes on as it is told."""

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.proof.steering import Turn

if TYPE_CHECKING:
    from tests.proof.steering import Running

AT_ONCE = 3  # pieces of work


class Working(RuleBasedStateMachine):
    """Whatever starts work puts it into `running`."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[Running] = []

    @property
    def has_room(self) -> bool:
        return len(self.running) < AT_ONCE

    @precondition(lambda self: self.running)
    @rule(
        which=st.integers(0, AT_ONCE - 1),
        calls=st.integers(0, 8),
        turn=st.sampled_from(Turn),
        on=st.booleans(),
    )
    def go_on(self, which: int, calls: int, turn: Turn, *, on: bool) -> None:
        """One of them, by some calls that work and one that may not; to its end, or not."""
        running = self.running[which % len(self.running)]
        running.steps([Turn.works] * calls + [turn])
        if on:
            running.finish()
        self.forget_what_is_done()

    def forget_what_is_done(self) -> None:
        self.running = [each for each in self.running if not each.done]

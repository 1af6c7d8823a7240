"""A board over the real controller, in a world of memory whose clock the test moves."""

from threading import RLock

from tests.support.rollout_world import World
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.report import Report


class ControllerBoard:
    """One model, `iris`. The console's server asks from its thread, the test ticks from its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = RLock()

    def models(self) -> list[str]:
        return ["iris"]

    def report(self, model: str) -> Report:
        with self._lock:
            return self._controller.report(model)

    def experiment(self, _model: str) -> None:
        return None

    def start(self, model: str) -> object:
        with self._lock:
            return self._controller.start(model, self.world.plan)

    def pause(self, model: str) -> object:
        with self._lock:
            return self._controller.pause(model)

    def resume(self, model: str) -> object:
        with self._lock:
            return self._controller.resume(model)

    def promote(self, model: str) -> object:
        with self._lock:
            return self._controller.promote(model)

    def abort(self, model: str) -> object:
        with self._lock:
            return self._controller.abort(model)

    def rollback(self, model: str) -> object:
        with self._lock:
            return self.world.by_hand().rollback(model)

    def tick(self) -> None:
        """A minute passes, and the state machine calls."""
        with self._lock:
            self.world.later()
            self._controller.tick("iris")

    @property
    def _controller(self) -> RolloutController:
        return self.world.controller()

"""
The arms of a release: each an artifact of its own, loaded when somebody in it first asks.

An arm is loaded with every check that the release itself is (digest, signature where keys are
pinned, its own example), and must take and give what the control does. One that cannot be loaded
fails nobody: the control answers, which the reply says and the log once, and who got it is not
counted to the arm, so that the sample-ratio check of the report sees what is missing.
"""

import logging
from collections.abc import Callable, Mapping
from time import monotonic

import msgspec

from wherry.errors import ArtifactError
from wherry.experiments.assignment import assign
from wherry.experiments.spec import Arm, Experiment
from wherry.experiments.subjects import subject_by
from wherry.http.hooks import Chosen
from wherry.http.wire import Request
from wherry.service import Service, load_service
from wherry.settings import Settings

EXPERIMENT, ARM, UNAVAILABLE = (
    "x-wherry-experiment", "x-wherry-arm", "x-wherry-arm-unavailable",
)  # fmt: skip
AGAIN = 60.0  # seconds until an arm that could not be loaded is tried again

_logger = logging.getLogger("wherry.experiments")


class Arms:
    """`load` makes the service of an arm; `now` counts seconds."""

    def __init__(
        self,
        experiment: Experiment,
        control: Service,
        load: Callable[[Arm], Service],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._experiment = experiment
        self._control = Chosen(control)
        self._load = load
        self._now = now
        self._subject = subject_by(experiment.subject, control.limits)
        self._services = {control.release.digest: control}
        self._failed: dict[str, float] = {}

    def choose(self, request: Request, parameters: Mapping[str, str]) -> Chosen:
        """By the version in the path, which nobody is exposed by; else by the subject."""
        release = self._control.service.release
        if parameters["model"] != release.model:
            return self._control  # it refuses
        if "version" in parameters:
            return self._of_version(parameters["version"])
        subject = self._subject(request)
        if not subject:
            return self._control
        arm, pseudonym = assign(self._experiment, subject)
        service, told = self._service(arm), {EXPERIMENT: self._experiment.name}
        if service is None:
            return self._control._replace(headers={**told, UNAVAILABLE: arm.name})
        labels = {"experiment": self._experiment.name, "arm": arm.name, "subject": pseudonym}
        return Chosen(service, labels, {**told, ARM: arm.name})

    def _of_version(self, version: str) -> Chosen:
        """One that no arm has is the control's to refuse, and so is one that cannot be loaded."""
        arm = next((arm for arm in self._experiment.arms if str(arm.version) == version), None)
        service = self._service(arm) if arm else None
        return self._control if service is None else Chosen(service)

    def _service(self, arm: Arm) -> Service | None:
        found = self._services.get(arm.digest)
        if found is not None or self._now() < self._failed.get(arm.name, 0.0):
            return found
        try:
            found = self._services[arm.digest] = self._checked(arm)
        except Exception:
            if arm.name not in self._failed:
                _logger.exception("arm %s is answered by the control", arm.name)
            self._failed[arm.name] = self._now() + AGAIN
        return found

    def _checked(self, arm: Arm) -> Service:
        service, control = self._load(arm), self._control.service
        for what in ("inputs", "outputs", "labels"):
            told, wanted = getattr(service.manifest, what), getattr(control.manifest, what)
            if told != wanted:
                raise ArtifactError(
                    f"arm {arm.name}",
                    f"its {what} are not those of the control",
                    "An arm answers the same requests in the same shape.",
                )
        return service


def arms_of(settings: Settings, control: Service) -> Arms:
    """The arms that the settings pin, loaded from their store by their digests."""
    experiment = Experiment.read(settings.experiment)

    def load(arm: Arm) -> Service:
        pinned = msgspec.structs.replace(settings, digest=arm.digest, model_version=arm.version)
        return load_service(pinned)

    return Arms(experiment, control, load)

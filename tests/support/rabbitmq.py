"""
A RabbitMQ of a test module's own, on loopback, at ports and with data of its own.

Debian's `rabbitmq-server`, asked for without its service: no plugins, no configuration of this
machine. It can be killed and started again on the same data, as after a power cut. Skipped where it
is absent; WHERRY_REQUIRE_BROKER=1 says that it must be there.
"""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.emulated import until

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on the PATH is for its own user
EPMD = "epmd"
REQUIRED = "WHERRY_REQUIRE_BROKER"
HOST = "127.0.0.1"
SECONDS = 60


@dataclass
class Broker:
    """One node. `port` is AMQP's; the other two are those by which Erlang nodes find each other."""

    folder: Path
    port: int
    distribution: int
    epmd: int
    _node: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}/"

    def start(self) -> None:
        """Return when it speaks AMQP."""
        log = self.folder / "node.log"
        with log.open("ab") as told:
            self._node = subprocess.Popen(
                [str(SERVER)],
                env={**os.environ, **self._environment()},
                cwd=self.folder,
                stdout=told,
                stderr=told,
                start_new_session=True,
            )
        until(self._answers, SECONDS)

    def kill(self) -> None:
        """As a power cut does: nothing is said, nothing is tidied up."""
        assert self._node
        with suppress(ProcessLookupError):
            os.killpg(self._node.pid, signal.SIGKILL)
        self._node.wait(SECONDS)
        until(lambda: not self._listens(), SECONDS)

    def _environment(self) -> dict[str, str]:
        (self.folder / "plugins").write_text("[].\n")
        return {
            "HOME": str(self.folder),  # of the Erlang cookie
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(self.epmd),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_NODENAME": f"wherry-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false",
        }

    def _answers(self) -> bool:
        assert self._node
        assert self._node.poll() is None, (self.folder / "node.log").read_text()
        return self._listens()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


@contextmanager
def rabbitmq(folder: Path) -> Iterator[Broker]:
    """A node that runs, and is ended with all that it started."""
    _needed()
    folder.mkdir(parents=True, exist_ok=True)
    port, distribution, epmd = _free_ports(3)
    broker = Broker(folder, port, distribution, epmd)
    with subprocess.Popen([EPMD, "-port", str(epmd), "-address", HOST]) as names:
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()
            names.kill()


def _needed() -> None:
    absent = [name for name in (str(SERVER), EPMD) if not shutil.which(name)]
    if absent:
        assert os.environ.get(REQUIRED) != "1", f"{absent[0]} is not installed"
        pytest.skip(f"{absent[0]} is not installed (Debian's rabbitmq-server)")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as probes:
        found = []
        for _ in range(count):
            probe = probes.enter_context(socket.socket())
            probe.bind((HOST, 0))
            found.append(probe.getsockname()[1])
        return found

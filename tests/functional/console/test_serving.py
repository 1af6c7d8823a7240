"""The console as a process: on the loopback alone, its token told to nobody, ended by Ctrl+C."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.models import ROOT
from wherry.errors import ToolError
from wherry_control.console.serve import listen

SERVE = """
from tests.support.console_board import FakeBoard
from tests.support.console_scripts import GOOD
from wherry_control.console.serve import serve_console
board = FakeBoard({"iris": GOOD})
serve_console(board, place="here", port=0, ready=lambda url: print(url, flush=True))
"""
SECONDS = 30


@pytest.fixture
def console() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def address(console: subprocess.Popen[str]) -> str:
    assert console.stdout is not None
    return console.stdout.readline().strip()


def test_it_answers_whoever_has_its_address_and_ends_without_a_word(
    console: subprocess.Popen[str],
) -> None:
    url = address(console)

    with httpx.Client() as client:
        assert client.get(url).status_code == 200
        assert client.get(url.partition("?")[0] + "api/models").status_code == 200  # by its cookie
    assert httpx.get(url.partition("?")[0]).status_code == 403
    console.send_signal(signal.SIGINT)

    _, told = console.communicate(timeout=SECONDS)
    assert (console.returncode, told) == (0, "")


def test_it_listens_on_one_address_of_this_machine() -> None:
    with listen(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.family is socket.AF_INET


def test_two_consoles_have_two_tokens() -> None:
    urls = []
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", SERVE], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            urls.append(address(process))
            process.terminate()

    tokens = {urlsplit(url).query for url in urls}
    assert len(tokens) == 2
    assert all(len(token) > len("token=") + 40 for token in tokens)


def test_a_port_that_is_taken_is_told() -> None:
    with listen(0) as taken, pytest.raises(ToolError, match="Choose another --port"):
        listen(taken.getsockname()[1])

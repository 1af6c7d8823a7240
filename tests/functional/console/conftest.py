from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from selenium.webdriver import Chrome

from tests.support.browser import browser, complaints
from tests.support.console_checks import looks
from tests.support.console_page import ConsolePage, running
from wherry_control.console.board import Board

Opened = Callable[[Board], ConsolePage]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    with browser() as session:
        yield session


@pytest.fixture
def opened(chromium: Chrome) -> Iterator[Opened]:
    """The page of a console over a board; whatever it complained of in its log fails the test."""
    with ExitStack() as stack:

        def open_(board: Board) -> ConsolePage:
            looks(chromium, scheme="light")
            return ConsolePage(chromium, stack.enter_context(running(board)))

        complaints(chromium)
        yield open_
        found = complaints(chromium)
        chromium.get("about:blank")  # before its server is gone
    assert found == []

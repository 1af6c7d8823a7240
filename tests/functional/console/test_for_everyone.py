"""Readable in the dark, on a phone, by ear, and with the keyboard; in every state of a rollout."""

import json
from functools import cache
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cli.output import to_json
from tests.functional.console.conftest import Opened
from tests.support.console_board import FakeBoard
from tests.support.console_checks import dim, looks, too_wide, unnamed
from tests.support.console_experiment import experiment
from tests.support.console_page import ConsolePage
from tests.support.console_scripts import GOOD, SWAPPED

STATES = {"at rest": -1, "preflight": 0, "on trial": 5, "rolled back": 20}
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"
MANY = 25  # texts, at least, that a page has


@cache
def experiment_told() -> dict[str, Any]:
    return json.loads(to_json(experiment()))


def seen(opened: Opened, ticks: int) -> ConsolePage:
    board = FakeBoard({"iris": SWAPPED, "digits": GOOD}, experiment_told())
    board.missing = ("CloudWatch has not told of 09:35 yet",)
    if ticks >= 0:
        board.start("iris")
    for _ in range(ticks):
        board.tick("iris")
    page = opened(board)
    page.shows("#name", "iris")
    return page


@pytest.mark.parametrize("ticks", STATES.values(), ids=STATES)
def test_everything_has_a_name_and_every_picture_its_numbers(opened: Opened, ticks: int) -> None:
    assert unnamed(seen(opened, ticks).chromium) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ticks", STATES.values(), ids=STATES)
def test_every_text_has_contrast(opened: Opened, ticks: int, scheme: str) -> None:
    page = seen(opened, ticks)
    looks(page.chromium, scheme=scheme)

    found, looked_at = dim(page.chromium)

    assert found == []
    assert looked_at > MANY


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_has_contrast_and_a_name(opened: Opened, scheme: str) -> None:
    page = seen(opened, 5)
    looks(page.chromium, scheme=scheme)
    page.tab_to("Roll back")
    page.press(Keys.ENTER)
    page.shows("#confirm-title", "iris")

    assert unnamed(page.chromium) == []
    assert dim(page.chromium)[0] == []


def test_the_two_schemes_differ(opened: Opened) -> None:
    """Else the claims about the dark would be about the light."""
    page = seen(opened, 0)
    grounds = set()
    for scheme in ("light", "dark"):
        looks(page.chromium, scheme=scheme)
        body = page.chromium.find_element(By.TAG_NAME, "body")
        grounds.add(body.value_of_css_property("background-color"))

    assert len(grounds) == 2


@pytest.mark.parametrize("width", [320, 360, 768, 1200, 1920])
@pytest.mark.parametrize("ticks", STATES.values(), ids=STATES)
def test_nobody_scrolls_sideways(opened: Opened, ticks: int, width: int) -> None:
    page = seen(opened, ticks)
    looks(page.chromium, scheme="light", width=width)

    page.until(lambda: not too_wide(page.chromium))
    page.chromium.execute_script(OPEN_ALL)
    page.until(lambda: not too_wide(page.chromium))


def test_stable_and_candidate_differ_by_more_than_colour(opened: Opened) -> None:
    page = seen(opened, 5)

    dashes = {
        side: page.chromium.find_element(
            By.CSS_SELECTOR, f"#latency .{side}-line"
        ).value_of_css_property("stroke-dasharray")
        for side in ("stable", "candidate")
    }

    assert dashes["stable"] == "none"
    assert dashes["candidate"] != "none"
    assert page.chromium.find_elements(By.CSS_SELECTOR, "#traffic svg pattern")


def test_the_first_tab_leads_past_the_models(opened: Opened) -> None:
    page = seen(opened, 0)

    page.press(Keys.TAB)
    assert page.focus == "Skip to the model"
    page.press(Keys.ENTER)
    page.press(Keys.TAB)

    assert page.focus == "Pause"


def test_the_focus_is_seen(opened: Opened) -> None:
    page = seen(opened, 0)
    page.tab_to("Pause")

    focused = page.chromium.switch_to.active_element
    assert focused.value_of_css_property("outline-style") == "solid"
    assert focused.value_of_css_property("outline-width") == "3px"

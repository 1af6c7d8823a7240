"""The page keeps what a reader has open, says what changed, and owns up to knowing nothing new."""

from datetime import UTC, datetime

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.functional.console.conftest import Opened
from tests.support.browser import complaints
from tests.support.console_board import FakeBoard
from tests.support.console_page import ConsolePage, running
from tests.support.console_scripts import GOOD, SWAPPED
from wherry.errors import CloudError

HIDE = """
Object.defineProperty(document, "hidden", { value: arguments[0], configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
"""
NARROWER = """
document.getElementById("main").style.width = "500px";
const done = arguments[0];
const frames = (left) => (left ? requestAnimationFrame(() => frames(left - 1)) : done());
frames(4);
"""
TIMERS = """
window.pending = new Set();
const [set, clear] = [window.setTimeout.bind(window), window.clearTimeout.bind(window)];
window.setTimeout = (run, after) => {
  const id = set(() => { window.pending.delete(id); run(); }, after);
  window.pending.add(id);
  return id;
};
window.clearTimeout = (id) => { window.pending.delete(id); clear(id); };
"""


def on_trial(ticks: int = 3) -> FakeBoard:
    board = FakeBoard({"iris": SWAPPED, "digits": GOOD})
    board.start("iris")
    for _ in range(ticks):
        board.tick("iris")
    return board


def test_the_token_does_not_stay_in_the_address(opened: Opened) -> None:
    page = opened(on_trial())

    assert "token" not in page.chromium.current_url
    page.chromium.refresh()
    page.shows("#name", "iris")
    page.act("Pause")


def test_what_is_open_stays_open_and_the_focus_stays_while_numbers_move(opened: Opened) -> None:
    board = on_trial()
    page = opened(board)
    page.tab_to("The numbers")
    page.press(Keys.ENTER)
    table = "#evidence details[open] tbody tr"
    page.until(lambda: page.chromium.find_elements(By.CSS_SELECTOR, table))
    before = len(page.chromium.find_elements(By.CSS_SELECTOR, table))

    board.tick("iris")

    page.until(lambda: len(page.chromium.find_elements(By.CSS_SELECTOR, table)) == before + 1)
    assert page.focus == "The numbers"


def test_what_changed_is_said_aloud_and_what_only_moves_is_not(opened: Opened) -> None:
    board = on_trial(2)
    page = opened(board)

    board.tick("iris")
    page.until(lambda: "09:33" in page.text("#evidence svg"))
    assert page.text("#announce") == ""
    board.pause("iris")

    page.shows("#phase", "Paused")
    assert page.text("#announce") == "iris: step 1 of 4, 1 % to release 7, paused"


def test_a_rollout_that_nobody_ticks_says_so_and_is_resumed(opened: Opened) -> None:
    board = on_trial()
    board.idle = datetime(2026, 11, 26, 9, 33, tzinfo=UTC)
    page = opened(board)

    page.shows(".missing", "Nobody has ticked it since")
    page.shows(".missing", "Resume lets it go on")
    page.act("Resume")
    page.until(lambda: ("resume", "iris") in board.done)


def test_missing_evidence_is_told_above_everything(opened: Opened) -> None:
    board = on_trial()
    board.missing = ("CloudWatch has not told of 09:35 yet",)

    page = opened(board)

    page.shows("#why", "so nothing is promoted: CloudWatch has not told of 09:35 yet")


def test_without_its_server_the_page_says_since_when_it_is_stale(chromium: Chrome) -> None:
    with running(on_trial()) as url:
        page = ConsolePage(chromium, url)
        page.shows("#phase", "Step 1")

    page.shows("#fresh", "Stale since")
    page.shows("#fault", "Is `wherry console` still running?")
    assert "Step 1" in page.text("#phase")
    assert all("ERR_CONNECTION_REFUSED" in each for each in complaints(chromium))


def test_a_model_that_cannot_be_read_says_why_and_shows_no_other(opened: Opened) -> None:
    board = on_trial()
    page = opened(board)
    board.broken = CloudError("function wherry-dev-digits", "it is not there", "Deploy it.")
    page.tab_to("digits")
    page.press(Keys.ENTER)

    page.shows("#fault", "function wherry-dev-digits: it is not there")
    page.shows("#fault", "→ Deploy it.")
    page.until(lambda: page.text("#model") == "")
    page.chromium.execute_async_script(NARROWER)  # as where a scroll bar goes
    assert page.text("#model") == ""
    board.broken = None
    page.shows("#name", "digits")
    page.until(lambda: page.text("#fault") == "")
    assert all("502" in each for each in complaints(page.chromium))


def test_names_are_text_whatever_they_look_like(opened: Opened) -> None:
    board = FakeBoard({"<img src=x onerror=alert(1)>": GOOD})
    page = opened(board)

    page.shows("#name", "<img src=x onerror=alert(1)>")
    assert "onerror" in page.act("Start rollout")
    assert page.chromium.find_elements(By.CSS_SELECTOR, "#model img, nav img") == []


def test_a_page_that_nobody_sees_asks_nothing(opened: Opened, chromium: Chrome) -> None:
    script = chromium.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TIMERS})
    board = on_trial()
    page = opened(board)
    chromium.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    page.shows("#phase", "Step 1")
    assert chromium.execute_script("return pending.size") == 1

    chromium.execute_script(HIDE, True)
    page.until(lambda: chromium.execute_script("return pending.size") == 0)
    board.pause("iris")
    chromium.execute_script("dispatchEvent(new Event('hashchange'))")  # what was under way ends
    page.shows("#phase", "Paused")
    assert chromium.execute_script("return pending.size") == 0
    board.resume("iris")
    chromium.execute_script(HIDE, False)

    page.shows("#phase", "Step 1")

"""The console served to a real browser, and what a person does with it, by keyboard alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from wherry_control.console.app import console_app
from wherry_control.console.board import Board
from wherry_control.console.desk import Desk
from wherry_control.console.serve import address, listen, new_guard, server

SECONDS = 30
MOST_TABS = 60


@contextmanager
def running(board: Board) -> Iterator[str]:
    """The address of a console over `board`, token and all."""
    with listen(0) as listener:
        guard = new_guard(listener)
        serving = server(console_app(Desk(board=board, place="the local AWS", fresh=0), guard))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield address(guard)
        finally:
            serving.should_exit = True
            thread.join()


class ConsolePage:
    """What a person sees, and the keys that they press."""

    def __init__(self, chromium: Chrome, url: str) -> None:
        self.chromium = chromium
        chromium.get(url)
        self.until(lambda: self.state != "loading")

    @property
    def state(self) -> str:
        return self.chromium.find_element(By.TAG_NAME, "body").get_attribute("data-state") or ""

    def text(self, selector: str) -> str:
        """What is shown there; nothing, if nothing is."""
        found = self.chromium.find_elements(By.CSS_SELECTOR, selector)
        return " ".join(each.text for each in found)

    def until(self, true: Callable[[], object]) -> None:
        """While a part is drawn anew, its elements come and go."""
        wait = WebDriverWait(
            self.chromium,
            SECONDS,
            poll_frequency=0.05,
            ignored_exceptions=[StaleElementReferenceException],
        )
        wait.until(lambda _: true())

    def shows(self, selector: str, text: str) -> None:
        self.until(lambda: text in self.text(selector))

    def buttons(self) -> list[str]:
        """The names of what may be done now."""
        found = self.chromium.find_elements(By.CSS_SELECTOR, "#buttons button")
        return [each.text for each in found]

    @property
    def focus(self) -> str:
        """The name of what has the focus."""
        return self.chromium.switch_to.active_element.text

    def press(self, *keys: str) -> None:
        ActionChains(self.chromium).send_keys(*keys).perform()

    def tab_to(self, name: str) -> None:
        """Tab until a control of that name has the focus."""
        for _ in range(MOST_TABS):
            if self.focus == name:
                return
            self.press(Keys.TAB)
        raise AssertionError(f"no control {name!r} comes by the Tab key")

    def act(self, label: str) -> str:
        """Press a button and confirm it; what the dialog said."""
        self.until(lambda: label in self.buttons())
        self.tab_to(label)
        self.press(Keys.ENTER)
        self.shows("#confirm-title", label)
        told = self.text("#confirm-title") + " " + self.text("#confirm-words")
        assert self.focus == "Cancel"
        self.press(Keys.TAB, Keys.ENTER)
        self.until(lambda: not self.text("#confirm-title"))
        return told

"""
A real browser, without a window, a server of static files for it, and the page of a web bundle in
both: all of this machine alone.

Where Chromium is not installed, a test that asks for it is skipped, unless
WHERRY_REQUIRE_BROWSER=1 says that it must be there.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 30
REQUIRED = "WHERRY_REQUIRE_BROWSER"
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server",
    "--window-size=1200,900",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `folder`, by the plainest of servers: Python's own, with no header set."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def browser() -> Iterator[Chrome]:
    """Headless Chromium with a profile of its own; it reaches this machine only."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        assert os.environ.get(REQUIRED) != "1", "chromium and chromedriver are not installed"
        pytest.skip("chromium and chromedriver are not installed")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = chromium
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        for switch in (*SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        with _past_any_proxy():
            session = Chrome(options=options, service=Service(executable_path=driver))
        try:
            yield session
        finally:
            session.quit()


@contextmanager
def _past_any_proxy() -> Iterator[None]:
    """Selenium looks at the environment once, for how its driver, on this machine, is reached."""
    before = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
    os.environ.update(dict.fromkeys(before, "127.0.0.1,localhost"))
    yield
    for name, value in before.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value


def complaints(session: Chrome) -> list[str]:
    """What the page's console was told since it was last asked, other than plain talk."""
    found = session.get_log("browser")  # type: ignore[no-untyped-call] # selenium's
    return [each["message"] for each in found if each["level"] in ("SEVERE", "WARNING")]


@contextmanager
def opened(chromium: Chrome, folder: Path) -> Iterator["Page"]:
    """The page of a bundle, loaded or refused, on any static file server."""
    with served(folder) as url:
        chromium.get(f"{url}/index.html")
        page = Page(chromium, url)
        page.until(lambda: page.state != "loading")
        yield page
        chromium.get("about:blank")  # before its server is gone


class Page:
    """What a person sees and does."""

    def __init__(self, chromium: Chrome, url: str) -> None:
        self.chromium, self.url = chromium, url

    @property
    def state(self) -> str:
        return self.one("body").get_attribute("data-state") or ""

    def one(self, selector: str) -> WebElement:
        return self.chromium.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.chromium.find_elements(By.CSS_SELECTOR, selector)

    def until(self, true: Callable[[], object]) -> None:
        WebDriverWait(self.chromium, SECONDS, poll_frequency=0.02).until(lambda _: true())

    def enter(self, field: str, text: str) -> None:
        control = self.one(f'[name="{field}"]')
        if control.get_attribute("type") == "checkbox":
            control.click()
            return
        control.send_keys(Keys.CONTROL, "a")
        control.send_keys(Keys.BACKSPACE, text)

    def shares(self) -> dict[str, float]:
        return {
            line.get_attribute("data-label") or "": float(line.get_attribute("data-value") or "nan")
            for line in self.all(".bars li")
        }

    def waits_for(self, output: str, value: object) -> None:
        """Until the answer is there; while one is replaced, its elements come and go."""
        self.until(lambda: self._shown(output) == value)

    def _shown(self, output: str) -> Any:
        told = self.chromium.execute_script(
            "return document.querySelector(arguments[0])?.dataset.value",
            f'.headline[data-output="{output}"]',
        )
        return None if told is None else json.loads(told)

    def replay(self) -> str:
        self.one("#replay").click()
        self.until(lambda: self.one("#verdict").text.endswith("pass."))
        return self.one("#verdict").text

"""What a page owes to people who see it dimly or not at all, asked of a real browser."""

from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text of a usual size

_SCRIPT = Path(__file__).with_suffix(".js").read_text()


def unnamed(chromium: Chrome) -> list[str]:
    """Controls without names, pictures without words or numbers, headings and marks amiss."""
    return list(_ask(chromium, "unnamed()"))


def dim(chromium: Chrome) -> tuple[list[str], int]:
    """Texts with less contrast than WCAG's AA asks for; and how many texts were looked at."""
    told: dict[str, Any] = _ask(chromium, f"dim({READABLE})")
    return told["dim"], told["seen"]


def too_wide(chromium: Chrome) -> list[str]:
    """What reaches beyond the page's right edge; empty if nobody has to scroll sideways."""
    told: dict[str, Any] = _ask(chromium, "tooWide()")
    return told["over"] + ([f"scrolls by {told['scroll']}"] if told["scroll"] > 0 else [])


def looks(chromium: Chrome, *, scheme: str, width: int = 1200) -> None:
    """As somebody would have set it: `light` or `dark`, and so many pixels wide."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _ask(chromium: Chrome, question: str) -> Any:
    return chromium.execute_script(f"{_SCRIPT}\nreturn {question};")

"""A console over a scripted board, asked without a socket, as its own page asks or otherwise."""

import asyncio
from collections.abc import Mapping
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from tests.support.console_board import FakeBoard
from tests.support.console_scripts import GOOD, SWAPPED
from wherry_control.console.app import console_app
from wherry_control.console.desk import Desk
from wherry_control.console.guard import TOKEN_HEADER, Guard

GUARD = Guard("the-token", 8790)
HERE = "http://127.0.0.1:8790"


def new_board() -> FakeBoard:
    return FakeBoard({"iris": SWAPPED, "digits": GOOD})


class Asked:
    """The board, and the console over it, which takes a while to be made."""

    def __init__(self) -> None:
        self.board = new_board()
        # A clock that stands still: on a busy machine a look that takes long is told again.
        desk = Desk(board=self.board, place="the local AWS", fresh=0, clock=lambda: 0.0)
        app = console_app(desk, GUARD)
        self._loop = asyncio.Runner()
        transport = ASGITransport(app, raise_app_exceptions=False)
        self._client = AsyncClient(transport=transport, base_url=HERE)

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()

    def anew(self) -> "Asked":
        """The same console; its board begins again."""
        vars(self.board).update(vars(new_board()))
        return self

    def request(self, method: str, path: str, headers: Mapping[str, Any] | None = None) -> Response:
        """Brings no token by itself."""
        self._client.cookies.clear()
        return self._loop.run(self._client.request(method, path, headers=headers))

    def get(self, path: str, headers: Mapping[str, Any] | None = None) -> Response:
        return self.request("GET", path, {TOKEN_HEADER: GUARD.token, **(headers or {})})

    def post(self, path: str, changed: Mapping[str, str | None] | None = None) -> Response:
        """As the page does it; `changed` are headers that somebody else would send instead."""
        headers = {TOKEN_HEADER: GUARD.token, "origin": HERE, **(changed or {})}
        told = {name: value for name, value in headers.items() if value is not None}
        return self.request("POST", path, told)

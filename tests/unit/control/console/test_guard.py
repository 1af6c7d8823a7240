"""Nobody without the token sees anything, and nobody but the page itself acts."""

import pytest

from tests.support.console_asking import GUARD, Asked
from wherry_control.console.guard import TOKEN_HEADER, Guard

PATHS = ("/", "/static/main.js", "/api/models", "/api/models/iris", "/api/openapi.json")
DEED = "/api/models/iris/start"


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_told(asked: Asked, path: str) -> None:
    answer = asked.request("GET", path)

    assert answer.status_code == 403
    assert answer.json()["error"]["todo"] == "Open the address that `wherry console` printed."
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "another", "the-toke", "the-token-and-more", "thé-token"])
def test_another_token_is_none(asked: Asked, token: str) -> None:
    assert asked.request("GET", f"/?token={token}").status_code == 403
    assert asked.request("GET", "/", {TOKEN_HEADER: token.encode()}).status_code == 403


def test_the_address_opens_the_page_and_leaves_a_cookie_that_scripts_cannot_read(
    asked: Asked,
) -> None:
    answer = asked.request("GET", f"/?token={GUARD.token}")

    assert answer.status_code == 200
    assert "<h1>Wherry console</h1>" in answer.text
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(
        answer.headers["set-cookie"].split("; ")
    )
    assert GUARD.token not in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", PATHS)
def test_the_cookie_is_enough_to_see(asked: Asked, path: str) -> None:
    cookie = {"cookie": f"{GUARD.cookie}={GUARD.word}"}

    assert asked.request("GET", path, cookie).status_code == 200


def test_the_cookie_is_not_enough_to_act(asked: Asked) -> None:
    """A browser sends it to other ports of this machine too, where others may listen."""
    answer = asked.post(DEED, {TOKEN_HEADER: None, "cookie": f"{GUARD.cookie}={GUARD.word}"})

    assert answer.status_code == 403
    assert asked.board.done == []


@pytest.mark.parametrize("value", ["", "another", GUARD.token])
def test_a_cookie_of_another_word_is_none(asked: Asked, value: str) -> None:
    cookie = {"cookie": f"{GUARD.cookie}={value}"}

    assert asked.request("GET", "/", cookie).status_code == 403


@pytest.mark.parametrize("other", ['a={"x":1}', "foo[]=1", "a b", 'x="', f"{GUARD.cookie}=x", "=;"])
def test_what_other_pages_of_this_machine_left_in_the_jar_shuts_nobody_out(
    asked: Asked, other: str
) -> None:
    """Browsers send the cookies of every port."""
    cookie = {"cookie": f"{other}; {GUARD.cookie}={GUARD.word}"}

    assert asked.request("GET", "/static/main.js", cookie).status_code == 200


def test_the_cookie_of_a_console_at_another_port_is_none(asked: Asked) -> None:
    cookie = {"cookie": f"wherry-console-9999={GUARD.word}"}

    assert asked.request("GET", "/", cookie).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8790", "127.0.0.1", "127.0.0.1:80", "127.0.0.2:8790", ""]
)
def test_under_another_name_it_answers_nobody(asked: Asked, host: str) -> None:
    """A name that was made to point here (DNS rebinding) brings its own Host."""
    assert asked.get("/", {"host": host}).status_code == 403
    assert asked.post(DEED, {"host": host, "origin": f"http://{host}"}).status_code == 403
    assert asked.board.done == []


def test_localhost_is_its_other_name(asked: Asked) -> None:
    told = {"host": "localhost:8790", "origin": "http://localhost:8790"}

    assert asked.post(DEED, told).status_code == 204
    assert asked.board.done == [("start", "iris")]


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "http://evil.example", "http://127.0.0.1:8791", "https://127.0.0.1:8790"],
)
def test_no_other_origin_acts(asked: Asked, origin: str | None) -> None:
    assert asked.post(DEED, {"origin": origin}).status_code == 403
    assert asked.board.done == []


@pytest.mark.parametrize("name", ["start", "pause", "resume", "promote", "abort", "rollback"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_done_by_looking(asked: Asked, name: str, method: str) -> None:
    path = f"/api/models/iris/{name}"
    answer = asked.request(method, path, {TOKEN_HEADER: GUARD.token})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert asked.board.done == []


@pytest.mark.parametrize("path", [*PATHS, "/nowhere", "/api/models/none"])
def test_every_answer_is_sealed(asked: Asked, path: str) -> None:
    headers = asked.get(path).headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert {"no-store", "no-cache"} & set(headers["cache-control"].split(", "))


def test_a_refusal_is_sealed_too(asked: Asked) -> None:
    assert "content-security-policy" in asked.request("GET", "/").headers


def test_no_one_is_let_in_by_preflight(asked: Asked) -> None:
    asking = {"origin": "http://evil.example", "access-control-request-method": "POST"}

    answer = asked.request("OPTIONS", DEED, asking)

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_page_and_its_files_ask_no_other_host(asked: Asked) -> None:
    page = asked.get("/").text
    files = {each.split('"')[0] for each in page.split("/static/")[1:]}
    told = [page, *(asked.get(f"/static/{name}").text for name in files)]

    assert {"main.js", "console.css", "icon.svg"} <= files
    for text in told:
        assert "https://" not in text
        assert "http://" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_two_consoles_have_two_words_and_two_names_for_them() -> None:
    """A browser keeps one jar for all ports of a host."""
    assert Guard(GUARD.token, 8791).cookie != GUARD.cookie
    assert Guard("other", 8790).word != GUARD.word
    assert GUARD.token not in GUARD.word


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "..%2fguard.py", "none.js", ""])
def test_static_files_are_all_that_is_served(asked: Asked, path: str) -> None:
    assert asked.get(f"/static/{path}").status_code == 404

"""Who gets into the served dashboard, and where it listens."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from command_center.cli.web_guard import COOKIE, TOKEN, Guard
from command_center.cli.web_server import application
from tests.cli.house import House


class Site:
    """A served application, and whoever asks it for something."""

    def __init__(self, address: str, guard: Guard, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.guard = guard
        self.tells = 0
        self._session = session

    async def get(self, path: str, **headers: str) -> tuple[int, str, aiohttp.ClientResponse]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.get(self.address + path, headers=named) as response:
            return response.status, await response.text(), response

    async def enter(self, **headers: str) -> str:
        """The cookie for the token."""
        status, _, response = await self.get(f"/?{TOKEN}={self.guard.token}", **headers)
        assert status == 200
        return f"{COOKIE}={response.cookies[COOKIE].value}"


@asynccontextmanager
async def serving(*names: str) -> AsyncIterator[Site]:
    links: list[str] = []
    guard = Guard(names, lambda: links.append("x"))
    runner = web.AppRunner(application("true", guard))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield Site(f"http://127.0.0.1:{runner.addresses[0][1]}", guard, session)
    finally:
        await runner.cleanup()


EVERYTHING = ("/", "/ws", "/static/js/textual.js", "/gone", f"/?{TOKEN}=", f"/?{TOKEN}=wrong")


@pytest.mark.parametrize("path", EVERYTHING)
async def test_without_token_or_cookie_there_is_nothing(path: str) -> None:
    async with serving() as site:
        for cookie in ("", f"{COOKIE}=", f"{COOKIE}=wrong", f"{COOKIE}=é"):
            status, text, _ = await site.get(path, Cookie=cookie)
            assert status == 403
            assert "<script" not in text


async def test_a_token_is_traded_for_a_cookie_once() -> None:
    async with serving() as site:
        token = site.guard.token
        cookie = await site.enter()
        assert site.guard.token != token
        status, text, _ = await site.get(f"/?{TOKEN}={token}")
        assert (status, text) == (403, "This link was used; `acc web` printed a new one.\n")
        status, text, _ = await site.get("/", Cookie=cookie)
        assert status == 200
        assert f'data-session-websocket-url="{site.address.replace("http", "ws")}/ws"' in text


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    async with serving() as site:
        _, _, response = await site.get(f"/?{TOKEN}={site.guard.token}")
        cookie = response.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", "")
        _, _, response = await site.get(f"/?{TOKEN}={site.guard.token}", X_Forwarded_Proto="https")
        assert response.cookies[COOKIE]["secure"] is True


async def test_pages_may_not_be_framed_cached_or_told_of() -> None:
    async with serving() as site:
        _, _, response = await site.get("/", Cookie=await site.enter())
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("localhost:9000", True),
        ("127.0.0.1", True),
        ("[::1]:80", True),
        ("192.168.1.7:8460", True),
        ("desk.example", True),
        ("DESK.example:443", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
async def test_only_known_host_names_are_answered(host: str, is_known: bool) -> None:
    async with serving("desk.example") as site:
        cookie = await site.enter()
        status, _, _ = await site.get("/", Cookie=cookie, Host=host)
        assert status == (200 if is_known else 403)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
        ("http://localhost:1", 403),
        ("http://127.0.0.1:1", 403),
        ("https://desk.example", 101),
        ("same", 101),
    ],
)
async def test_the_socket_is_for_our_own_pages(origin: str, status: int) -> None:
    async with serving("desk.example") as site:
        cookie = await site.enter()
        shake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        told = {"Origin": site.address if origin == "same" else origin} if origin else {}
        got, _, _ = await site.get("/ws", Cookie=cookie, **shake, **told)
        assert got == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "desk.example"])
def test_beyond_loopback_it_listens_only_with_consent(house: House, host: str) -> None:
    result = house.run("web", "--host", host)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "add --expose-beyond-loopback" in result.stderr


def test_a_port_that_is_taken_is_told(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = house.run("web", "--port", str(taken.getsockname()[1]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot listen on 127.0.0.1" in result.stderr


def test_without_textual_serve_it_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['aiohttp_jinja2'] = None; sys.argv = ['acc', 'web'];"
        "from command_center.cli.entry import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "pip install 'command-center[web]'" in done.stderr

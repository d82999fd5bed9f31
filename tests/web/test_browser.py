"""The dashboard in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.center import Center
from tests.gitrepo import IDENTITY, make_repository
from tests.web.browser import Served, Terminal, browser, found_browser

pytestmark = [
    pytest.mark.skipif(
        not found_browser(), reason="no Chromium is installed; see scripts/setup.sh"
    ),
    pytest.mark.timeout(300),
]


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    center = Center(tmp_path / "home", make_repository(tmp_path), os.environ | IDENTITY)
    center.places.settings.write_text('spec = "demo"\n', "utf-8")
    supervisor = center.start_supervisor()
    yield center
    supervisor.terminate()
    supervisor.wait()
    center.close()


@pytest.fixture
def served(center: Center) -> Iterator[Served]:
    served = Served(center.environ(), center.repo)
    yield served
    assert served.close() == 0


def test_a_demo_agent_is_launched_typed_to_and_answers_in_a_browser(
    center: Center, served: Served
) -> None:
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        terminal = Terminal(page)
        terminal.open(served.link)
        # Nobody has clicked into it yet.
        terminal.press("n")
        terminal.until_shown("Launch agents", "1 × Demo agent")
        terminal.press("Control+s")
        terminal.until_shown("idle", "demo>")
        terminal.press("Enter")
        terminal.until_shown("every other key goes to")
        terminal.type_text("Greet the browser")
        terminal.press("Enter")
        terminal.until_shown("[y]es / [n]o")
        terminal.type_text("y")
        terminal.until_shown("check passed: greet the browser")
        terminal.press("Control+]")
        terminal.until_shown("n new")
        page.close()
    [agent] = center.fleet.agents.values()
    assert agent.order.spec == "demo"


def test_a_link_works_once_and_the_cookie_after_it(served: Served) -> None:
    with browser() as chromium:
        first, second = chromium.new_context(), chromium.new_context()
        terminal = Terminal(first.new_page())
        terminal.open(served.link)
        assert terminal.page.url == f"{served.address}/"
        again = second.new_page()
        assert "works once" in again.goto(f"{served.address}/").text()  # type: ignore[union-attr]
        assert "was used" in again.goto(served.link).text()  # type: ignore[union-attr]
        Terminal(again).open(served.next_link())
        Terminal(first.new_page()).open(f"{served.address}/")


def test_a_page_of_somebody_elses_cannot_open_the_socket(served: Served) -> None:
    with browser() as chromium:
        page = chromium.new_page()
        Terminal(page).open(served.link)
        # The same machine and browser, cookies included, under another origin.
        page.route("http://evil.example/", lambda route: route.fulfill(body="evil"))
        page.goto("http://evil.example/")
        socket = served.address.replace("http", "ws") + "/ws?width=80&height=24"
        outcome = page.evaluate(
            """url => new Promise(resolve => {
                const socket = new WebSocket(url);
                socket.onopen = () => resolve("open");
                socket.onerror = () => resolve("refused");
            })""",
            socket,
        )
        assert outcome == "refused"

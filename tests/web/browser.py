"""`acc web` and a real Chromium that looks at it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ACC = str(Path(sys.executable).with_name("acc"))
PATIENCE = 60.0
_NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)
_APP = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

# xterm.js draws on a canvas; what it would copy is the text that stands there.
_COPY = """() => {
    const data = new DataTransfer();
    const copy = new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true});
    document.querySelector(".xterm").dispatchEvent(copy);
    return data.getData("text/plain");
}"""


def found_browser() -> str:
    """Its program; empty when none is installed."""
    found = filter(None, map(shutil.which, _NAMES))
    return next(found, _APP if Path(_APP).exists() else "")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Tests run as root in containers, where its sandbox cannot.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=found_browser(), args=flags)
        yield started
        started.close()


class Served:
    """`acc web`, from its start to `close`."""

    def __init__(self, environ: Mapping[str, str], cwd: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            (ACC, "web", "--port", "0", *options),
            env=environ,
            cwd=cwd,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.link = self.next_link()

    def next_link(self) -> str:
        """The link that it prints next."""
        assert self._process.stdout is not None
        link = self._process.stdout.readline().strip()
        assert link.startswith("http://"), link
        return link

    @property
    def address(self) -> str:
        return self.link.partition("/?")[0]

    def close(self) -> int:
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


class Terminal:
    """The dashboard in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, link: str) -> None:
        self.page.goto(link)
        self.page.wait_for_selector("body.-first-byte", timeout=PATIENCE * 1000)

    def text(self) -> str:
        """What stands on the screen, as dragging over all of it would copy it."""
        box = self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        mouse, keyboard = self.page.mouse, self.page.keyboard
        keyboard.down("Shift")
        mouse.move(box["x"] + 1, box["y"] + 1)
        mouse.down()
        mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 1)
        mouse.up()
        keyboard.up("Shift")
        text = self.page.evaluate(_COPY)
        assert isinstance(text, str)
        return text

    def until(self, holds: Callable[[str], object]) -> str:
        deadline = time.monotonic() + PATIENCE
        while not holds(text := self.text()):
            assert time.monotonic() < deadline, f"not so after {PATIENCE:g} s:\n{text}"
            time.sleep(0.1)
        return text

    def until_shown(self, *texts: str) -> str:
        return self.until(lambda shown: all(text in shown for text in texts))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type_text(self, text: str) -> None:
        self.page.keyboard.type(text)

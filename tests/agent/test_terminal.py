"""The agent in a real terminal: tmux, which shows what a person would see."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.agent.stage import KEY
from tests.scripted.server import ScriptedModel

SECONDS = 60.0
AGENT = (sys.executable, "-P", "-m", "command_center.cli.entry", "agent")
SESSION = "11111111-2222-4333-8444-555555555555"


class Pane:
    """A tmux server of its own with the agent in it. Close it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.state = folder.parent / "state"
        self._socket = f"cc-test-{os.urandom(6).hex()}"
        argv = (*AGENT, f"--folder={self.state}", f"--session={SESSION}", *words)
        command = f"{shlex.join(argv)}; echo status $?; exec sleep 600"
        size = ("-x", "60", "-y", "20")
        env = {**os.environ, KEY: "scripted", "LC_ALL": "C.UTF-8"}
        subprocess.run(
            (*self._tmux, "-f", "/dev/null", "new-session", "-d", *size, command),
            cwd=folder,
            env=env,
            check=True,
        )

    @property
    def _tmux(self) -> tuple[str, ...]:
        return ("tmux", "-u", "-L", self._socket)

    def run(self, *words: str) -> str:
        done = subprocess.run((*self._tmux, *words), capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def screen(self) -> str:
        return self.run("capture-pane", "-p").rstrip()

    @property
    def published(self) -> dict[str, object]:
        made: dict[str, object] = json.loads((self.state / "state.json").read_text())
        return made

    def is_idle(self) -> bool:
        return self.published["status"] == "idle"

    def press(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def paste(self, text: str) -> None:
        self.run("set-buffer", "--", text)
        self.run("paste-buffer", "-p", "-r")

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.03)

    def until_shown(self, pattern: str) -> None:
        self.until(lambda: re.search(pattern, self.screen, re.MULTILINE) is not None)

    def close(self) -> None:
        subprocess.run((*self._tmux, "kill-server"), check=False)


def spoken_to(model: ScriptedModel) -> tuple[str, ...]:
    return ("--model=anthropic:scripted-1", f"--base-url={model.url}", f"--key-env={KEY}")


@pytest.fixture
def pane(folder: Path, model: ScriptedModel) -> Iterator[Pane]:
    pane = Pane(folder, *spoken_to(model))
    try:
        pane.until_shown(r"^›$")
        yield pane
    finally:
        pane.close()


def test_a_pasted_prompt_of_many_lines_is_one_prompt(pane: Pane, model: ScriptedModel) -> None:
    prompt = "SM[say:Heard.]SM\n\tsecond line\n\nlast ☃ 👩‍🚀"
    pane.paste(prompt)
    pane.until_shown(r"last ☃")
    pane.press("Enter")
    model.wait_for(lambda m: m.prompts() == [prompt])
    pane.until_shown(r"^Heard\.$")


def test_a_prompt_typed_meanwhile_is_queued(pane: Pane, model: ScriptedModel) -> None:
    pane.paste("SM[slow:10,0.2 ;; say:one]SM")
    pane.press("Enter")
    model.wait_for(lambda m: len(m.prompts()) == 1)
    pane.paste("SM[say:Two.]SM")
    pane.press("Enter")
    pane.until_shown("1 queued")
    assert len(model.prompts()) == 1
    pane.until_shown(r"^Two\.$")
    assert model.prompts()[1] == "SM[say:Two.]SM"


def test_ctrl_c_interrupts_then_clears_then_leaves(pane: Pane, model: ScriptedModel) -> None:
    pane.paste("SM[slow:300,0.2 ;; say:one]SM")
    pane.press("Enter")
    model.wait_for(lambda m: len(m.prompts()) == 1)
    pane.press("C-c")
    pane.until_shown(r"^Interrupted\.$")
    pane.press("half a word")
    pane.until_shown("half a word")
    pane.press("C-c")
    pane.until_shown(r"^›$")
    pane.press("C-c")
    pane.until_shown("Press Ctrl-C again to leave")
    pane.press("C-c")
    pane.until_shown(r"^status 0$")
    assert not (pane.state / "state.json").exists()


def test_ctrl_d_leaves_an_empty_box_only(pane: Pane) -> None:
    pane.press("x")
    pane.until_shown("^› x$")
    pane.press("C-d", "BSpace")
    pane.until_shown("^›$")
    pane.press("C-d")
    pane.until_shown(r"^status 0$")


def test_a_pasted_command_never_widens_what_may_be_done(pane: Pane, model: ScriptedModel) -> None:
    pane.paste("/mode full")
    pane.press("Enter")
    model.wait_for(lambda m: m.prompts() == ["/mode full"])
    pane.until(pane.is_idle)
    assert pane.published["mode"] == "ask"
    pane.press("-l", "/mode full")
    pane.press("Enter")
    pane.until(lambda: pane.published["mode"] == "full")


def test_a_question_is_answered_by_one_key_and_never_by_enter(pane: Pane, folder: Path) -> None:
    pane.paste("SM[sh:touch made.txt ;; say:Done.]SM")
    pane.press("Enter")
    pane.until_shown("^y yes")
    assert pane.published["status"] == "waiting"
    assert pane.published["waitingFor"] == "permission: shell touch made.txt"
    pane.press("Enter")
    pane.paste("y")
    pane.until_shown("^› y$")
    assert not (folder / "made.txt").exists()
    pane.press("C-u")
    pane.until_shown("^›$")
    pane.press("y")
    pane.until(lambda: (folder / "made.txt").exists())


def test_what_a_model_says_cannot_write_over_the_screen(pane: Pane) -> None:
    pane.paste("SM[say:\x1b[2J\x1b[Hgone \x1b]0;title\x07still here]SM")
    pane.press("Enter")
    pane.until_shown("still here$")
    assert "Agent · scripted-1" in pane.screen


def test_a_narrower_terminal_leaves_no_mess(pane: Pane) -> None:
    pane.paste("word " * 30)
    pane.until_shown("word word")
    pane.run("resize-window", "-x", "30")
    pane.press("x")
    pane.until_shown("x$")
    assert pane.screen.count("scripted-1 · ask") == 1
    assert pane.screen.count("›") == 1


def test_a_process_that_is_killed_ends_its_command(pane: Pane, folder: Path) -> None:
    pane.press("-l", "/mode full")
    pane.press("Enter")
    pane.paste("SM[sh:echo $$ > pid.new; mv pid.new pid; exec sleep 4242 ;; say:never]SM")
    pane.press("Enter")
    pane.until(lambda: (folder / "pid").exists())
    pid = int((folder / "pid").read_text())
    os.kill(int(str(pane.published["pid"])), 15)
    pane.until_shown("^status 0$")
    assert not Path(f"/proc/{pid}").exists()


def test_a_word_that_is_being_typed_answers_no_question(pane: Pane, folder: Path) -> None:
    pane.paste("SM[sh:touch made.txt ;; say:Done.]SM")
    pane.press("Enter")
    pane.until_shown("^y yes")
    pane.press("-l", "ya")
    pane.until_shown("^› ya$")
    assert pane.published["status"] == "waiting"
    assert not (folder / "made.txt").exists()


def test_it_goes_on_with_its_conversation(folder: Path, model: ScriptedModel) -> None:
    first, second = "SM[say:One.]SM", "SM[say:Two.]SM"
    for prompts in ((first,), (first, second)):
        pane = Pane(folder, *spoken_to(model), f"--prompt={prompts[-1]}")
        try:
            model.wait_for(partial(has_sent, prompts))
            pane.until(pane.is_idle)
            assert ("goes on after 1 prompt" in pane.screen) is (len(prompts) == 2)
        finally:
            pane.close()


def has_sent(prompts: tuple[str, ...], model: ScriptedModel) -> bool:
    return any(request.prompts == prompts for request in model.requests)


@pytest.fixture
def configured(tmp_path: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMAND_CENTER_HOME", str(tmp_path / "home"))
    file = tmp_path / "home" / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"""
[models.workhorse]
provider = "openai"
model = "local-7"
base_url = "{model.url}/v1"
"""
    )


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("words", [(), ("--model=workhorse",)])
def test_a_niche_of_the_configuration_is_a_model(
    folder: Path, model: ScriptedModel, words: tuple[str, ...]
) -> None:
    pane = Pane(folder, *words, "--prompt=SM[say:Hello.]SM")
    try:
        pane.until_shown(r"^Hello\.$")
        [request] = model.requests
        assert (request.wire, request.model) == ("chat", "local-7")
    finally:
        pane.close()


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model=frontier",), "models. has no frontier"),
        (("--model=m", "--session=../../x"), "letters, digits"),
    ],
)
def test_what_cannot_be_is_said_before_anything_begins(
    folder: Path, words: tuple[str, ...], says: str
) -> None:
    pane = Pane(folder, *words)
    try:
        pane.until_shown("^status [1-9]")
        assert re.search(says, " ".join(pane.screen.split()))
        assert not pane.state.exists()
    finally:
        pane.close()


def test_a_key_that_is_missing_is_named_in_the_first_turn(folder: Path) -> None:
    pane = Pane(folder, "--model=openai:m", "--key-env=NO_SUCH_KEY", "--prompt=hello")
    try:
        pane.until_shown("no key: set NO_SUCH_KEY")
        pane.until(pane.is_idle)
    finally:
        pane.close()


def test_without_a_terminal_it_says_so(folder: Path) -> None:
    done = subprocess.run(
        (*AGENT, "--model=openai:m"),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "needs a terminal" in done.stderr

"""The demo agent: `python -P -m command_center.demo.agent --prompt "..."`, in a terminal.

For each prompt it really writes two files, asks once per session before it runs a command,
runs it, and commits. `/exit` leaves. Words in a prompt change the script: `[ask]` asks again,
`[fail]` makes the check fail, `[slow]` takes ten times as long.
"""

import argparse
import base64
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from command_center.demo import work
from command_center.demo.editor import Editor
from command_center.demo.keys import Hangup, Key, Keyboard
from command_center.demo.transcript import Transcript

BANNER = "Demo agent: no model; it follows a small script."
HINT = "Type a task and press Enter; Esc interrupts; /exit leaves."
STOPPED = "Interrupted. What is written stays, uncommitted."


class Interrupted(Exception):
    """The user pressed Esc or C-c during a turn."""


def report(state: str, kind: str = "", message: str = "") -> None:
    """Tell the terminal how we are, by the Program Status Protocol (OSC 7501)."""
    fields = [f"state={state}", "app=demo"]
    fields += [f"kind={kind}"] if kind else []
    fields += [f"msg={base64.b64encode(message.encode()).decode()}"] if message else []
    sys.stdout.write(f"\x1b]7501;{':'.join(fields)}\x1b\\")
    sys.stdout.flush()


class DemoAgent:
    """One process of one session."""

    def __init__(self, keyboard: Keyboard, transcript: Transcript, mode: str, pace: float) -> None:
        self._keyboard = keyboard
        self._transcript = transcript
        self._mode = mode
        self._pace = pace
        self._editor = Editor()
        self._ahead: list[Key] = []
        """Keys typed during a turn, for the prompt after it."""
        self._said: list[str] = []

    def run(self, prompt: str) -> None:
        print(f"{BANNER}\n{HINT}")
        if turns := self._transcript.turns:
            counted = "1 turn" if turns == 1 else f"{turns} turns"
            print(f"Session {self._transcript.session} goes on after {counted}.")
        report("idle")
        if prompt:
            print(f"\ndemo> {_shown(prompt)}")
        while prompt.strip() != "/exit":
            if prompt.strip():
                self._turn(prompt)
            prompt = self._read_prompt()
        report("clear")

    def _read_prompt(self) -> str:
        self._editor.show()
        while True:
            keys, self._ahead = self._ahead or self._keyboard.keys(None), []
            for number, key in enumerate(keys):
                if key.name == "leave" and self._editor.is_empty:
                    print()
                    return "/exit"
                if (text := self._editor.press(key)) is not None:
                    self._ahead = keys[number + 1 :]
                    return text

    def _turn(self, prompt: str) -> None:
        report("working")
        self._said.clear()
        turn = self._transcript.add_prompt(prompt)
        try:
            outcome = self._work(work.task_of(prompt), turn)
        except Interrupted:
            self._say(STOPPED)
            outcome = "idle"
        except OSError as error:
            self._say(f"This did not work: {error}")
            outcome = "error"
        self._transcript.add_answer(prompt, "\n".join(self._said), outcome)
        print()
        report(outcome)

    def _work(self, task: work.Task, turn: int) -> str:
        """The script. The state to report at its end: done, or error when the check failed."""
        pace = self._pace * (10 if "slow" in task.words else 1)
        written = work.files_for(task)
        self._say("Plan:")
        for number, step in enumerate(work.plan(task, written), 1):
            self._say(f"  {number}. {step}")
        if self._mode == "plan":
            self._say("Only a plan was asked for, so nothing is changed.")
            return "done"
        self._pause(pace)
        self._transcript.add_tool("Write", str(written.note))
        is_new = not written.note.exists()
        work.write(written.note, work.note_text(task, turn, is_new), extends=True)
        self._say(f"Wrote {written.note}" if is_new else f"Extended {written.note}")
        self._pause(pace)
        self._transcript.add_tool("Write", str(written.program))
        work.write(written.program, work.program_text(task))
        self._say(f"Wrote {written.program}")
        self._pause(pace)
        if self._may_run(task, written.program) and not self._check(written.program):
            self._say("The check failed, so nothing is committed.")
            return "error"
        self._pause(pace)
        self._transcript.add_tool("Run:", "git commit")
        self._say(work.commit(task, written))
        return "done"

    def _may_run(self, task: work.Task, program: Path) -> bool:
        if self._mode == "full" and "ask" not in task.words:
            return True
        if self._transcript.permission is None or "ask" in task.words:
            answer = self._ask(f"run `python {program}`")
            self._transcript.add_permission(answer)
        if not self._transcript.permission:
            self._say("Not run, as you said.")
        return bool(self._transcript.permission)

    def _ask(self, what: str) -> bool:
        report("blocked", "permission", what)
        self._say(f"{what[0].upper()}{what[1:]}? [y]es / [n]o")
        while True:
            for key in self._keyboard.keys(None):
                if key.name == "interrupt":
                    raise Interrupted
                if key.name == "escape" or (key.name == "text" and key.text[0] in "yYnN"):
                    answer = key.text[:1] in ("y", "Y")
                    self._say("yes" if answer else "no")
                    report("working")
                    return answer

    def _check(self, program: Path) -> bool:
        self._transcript.add_tool("Run:", f"python {program}")
        self._say(f"$ python {program}")
        running = work.check(program)
        try:
            while running.poll() is None:
                self._pause(0.02)
        except Interrupted:
            running.kill()
            raise
        finally:
            output, _ = running.communicate()
        for line in output.splitlines()[-8:]:
            self._say(f"  {_shown(line)}")
        return running.returncode == 0

    def _pause(self, seconds: float) -> None:
        """Raises Interrupted; other keys are kept for the next prompt."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            keys = self._keyboard.keys(max(0.0, left))
            if any(key.name in ("escape", "interrupt") for key in keys):
                raise Interrupted
            self._ahead += keys
            if left <= 0:
                return

    def _say(self, text: str) -> None:
        self._said.append(text)
        print(text, flush=True)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0; 1 when the terminal went away, 2 without one."""
    parser = argparse.ArgumentParser(prog="demo-agent", description=BANNER, epilog=HINT)
    parser.add_argument("--prompt", default="", help="the first task")
    parser.add_argument("--session", default="", help="go on with this session")
    parser.add_argument("--transcript", type=Path, help="file to append the session to")
    parser.add_argument("--mode", choices=["ask", "edits", "plan", "full"], default="ask")
    parser.add_argument("--pace", type=float, default=0.8, metavar="SECONDS", help="per step")
    told = parser.parse_args(arguments)
    if not sys.stdin.isatty():
        print("demo-agent: needs a terminal; run it in a pane", file=sys.stderr)
        return 2
    transcript = Transcript(told.transcript, told.session or str(uuid.uuid4()))
    try:
        with Keyboard() as keyboard:
            DemoAgent(keyboard, transcript, told.mode, told.pace).run(told.prompt)
    except Hangup:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

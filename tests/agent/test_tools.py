"""What the model can do, and what keeps it in its folder."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from command_center.agent.talk import ToolUse
from command_center.agent.tools.ground import Ground
from command_center.agent.tools.kit import Need, carried_out, shown, tools, understood
from command_center.agent.tools.outcome import MOST, Outcome, ToolProblem
from tests.gitrepo import make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


@pytest.fixture
def ground(root: Path) -> Ground:
    return Ground(root)


async def call(ground: Ground, name: str, **given: object) -> Outcome:
    return await carried_out(ground, understood(ToolUse("1", name, given)))


async def refusal(ground: Ground, name: str, **given: object) -> str:
    with pytest.raises(ToolProblem) as problem:
        await call(ground, name, **given)
    return str(problem.value)


async def test_reading_numbers_the_lines_that_are_wanted(ground: Ground, root: Path) -> None:
    (root / "a.txt").write_text("one\ntwo\nthree\nfour\n")
    outcome = await call(ground, "read", path="a.txt", first=2, lines=2)
    assert outcome.text == "    2  two\n    3  three\n(1 more lines follow)"


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname", "link/outside.txt", "deep"])
async def test_a_path_never_leads_out(ground: Ground, root: Path, path: str) -> None:
    (root.parent / "outside.txt").write_text("secret")
    (root / "link").symlink_to(root.parent)
    (root / "deep").symlink_to("link/outside.txt")
    assert "is outside" in await refusal(ground, "read", path=path)
    assert "is outside" in await refusal(ground, "write", path=path, content="mine")
    assert "is outside" in await refusal(ground, "edit", path=path, old="secret", new="mine")
    assert (root.parent / "outside.txt").read_text() == "secret"


async def test_gits_own_files_are_left_to_git(ground: Ground) -> None:
    hook = await refusal(ground, "write", path=".git/hooks/pre-commit", content="#!/bin/sh")
    assert "git" in hook
    assert "git" in await refusal(ground, "write", path=".git", content="gitdir: /tmp")


async def test_a_link_inside_is_followed(ground: Ground, root: Path) -> None:
    (root / "real.txt").write_text("here")
    (root / "link.txt").symlink_to("real.txt")
    assert "here" in (await call(ground, "read", path="link.txt")).text


async def test_a_fifo_holds_nobody_up(ground: Ground, root: Path) -> None:
    os.mkfifo(root / "fifo")
    assert "is no file" in await refusal(ground, "read", path="fifo")


async def test_a_binary_is_not_read(ground: Ground, root: Path) -> None:
    (root / "image").write_bytes(b"\x89PNG\0\0")
    assert "is binary" in await refusal(ground, "read", path="image")


async def test_an_edit_replaces_what_stands_there_once(ground: Ground, root: Path) -> None:
    (root / "a.txt").write_text("one\ntwo\n")
    await call(ground, "edit", path="a.txt", old="two", new="2")
    assert (root / "a.txt").read_text() == "one\n2\n"


async def test_an_edit_that_fits_twice_changes_nothing(ground: Ground, root: Path) -> None:
    (root / "a.txt").write_text("one\none\n")
    assert "2 times" in await refusal(ground, "edit", path="a.txt", old="one", new="1")
    assert (root / "a.txt").read_text() == "one\none\n"
    await call(ground, "edit", path="a.txt", old="one", new="1", all=True)
    assert (root / "a.txt").read_text() == "1\n1\n"


async def test_an_edit_keeps_mode_line_ends_and_bytes(ground: Ground, root: Path) -> None:
    script = root / "run.sh"
    script.write_bytes(b"one\r\n\xff\r\n")
    script.chmod(0o755)
    await call(ground, "edit", path="run.sh", old="one", new="two")
    assert script.read_bytes() == b"two\r\n\xff\r\n"
    assert script.stat().st_mode & 0o777 == 0o755


async def test_a_file_nobody_read_is_not_written_over(ground: Ground, root: Path) -> None:
    (root / "a.txt").write_text("yours")
    assert "read it before" in await refusal(ground, "write", path="a.txt", content="mine")
    await call(ground, "read", path="a.txt")
    (root / "a.txt").write_text("changed meanwhile")
    assert "somebody else" in await refusal(ground, "write", path="a.txt", content="mine")
    await call(ground, "read", path="a.txt")
    await call(ground, "write", path="a.txt", content="mine")
    assert (root / "a.txt").read_text() == "mine"


async def test_a_new_file_gets_its_folders(ground: Ground, root: Path) -> None:
    await call(ground, "write", path="a/b/c.txt", content="x\n")
    assert (root / "a/b/c.txt").read_text() == "x\n"
    assert [file.name for file in (root / "a/b").iterdir()] == ["c.txt"]


async def test_search_finds_tracked_and_new_files_but_no_ignored_ones(
    ground: Ground, root: Path
) -> None:
    (root / ".gitignore").write_text("ignored.txt\n")
    for name in ("new.txt", "ignored.txt"):
        (root / name).write_text("a needle 42\n")
    assert (await call(ground, "search", pattern="needle [0-9]+")).text == "new.txt:1:a needle 42"
    assert (await call(ground, "search", pattern="nowhere")).text == "nothing found"
    assert "new.txt" in (await call(ground, "list", glob="*.txt")).text
    assert "ignored" not in (await call(ground, "list")).text


async def test_a_pattern_is_never_an_option(ground: Ground, root: Path) -> None:
    outcome = await call(ground, "search", pattern="--open-files-in-pager=touch pwned")
    assert outcome.text == "nothing found"
    assert "outside" in await refusal(ground, "search", pattern="x", path="../..")
    assert "leads out" in await refusal(ground, "list", glob="../*")
    assert not (root / "pwned").exists()


async def test_a_command_tells_its_output_and_status(ground: Ground) -> None:
    outcome = await call(ground, "shell", command="echo out; echo err >&2; exit 3")
    assert outcome.text == "out\nerr\n[exit status 3]"
    assert outcome.is_error


async def test_a_command_runs_in_the_folder_without_our_keys(
    ground: Ground, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPTED_KEY", "secret")
    monkeypatch.setenv("ACC_INBOX", "somewhere")
    told = (await call(ground, "shell", command="pwd; env")).text
    assert told.splitlines()[0] == str(root)
    assert "secret" not in told
    assert "ACC_" not in told
    assert "PATH=" in told


async def test_a_command_out_of_time_ends_with_all_it_started(ground: Ground, root: Path) -> None:
    nap = "sleep 4242 & echo $! > pid; trap '' TERM; echo begun; sleep 4242"
    outcome = await call(ground, "shell", command=nap, seconds=1)
    assert outcome.text == "begun\n[ended after 1 s, its time limit]"
    assert outcome.is_error
    assert is_gone(int((root / "pid").read_text()))


async def test_what_a_command_leaves_in_the_background_ends_with_it(
    ground: Ground, root: Path
) -> None:
    began = time.monotonic()
    outcome = await call(ground, "shell", command="sleep 4242 & echo $! > pid; echo done")
    assert outcome.text == "done"
    assert time.monotonic() - began < 30
    assert is_gone(int((root / "pid").read_text()))


async def test_a_cancelled_command_ends_with_all_it_started(ground: Ground, root: Path) -> None:
    running = asyncio.ensure_future(
        call(ground, "shell", command="sleep 4242 & echo $! > pid.new; mv pid.new pid; wait")
    )
    async with asyncio.timeout(30):
        while not (root / "pid").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert is_gone(int((root / "pid").read_text()))


async def test_endless_output_is_bounded_and_keeps_both_ends(ground: Ground) -> None:
    outcome = await call(ground, "shell", command="echo begin; seq 1 200000; echo end")
    assert outcome.text.startswith("begin\n1\n")
    assert outcome.text.endswith("200000\nend")
    assert len(outcome.text) < MOST + 100


async def test_a_command_has_no_keyboard(ground: Ground) -> None:
    assert (await call(ground, "shell", command="cat; echo over")).text == "over"


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("fly", {}, "there is no tool"),
        ("read", {}, "path"),
        ("read", {"path": 7}, "path"),
        ("shell", {"command": "ls", "sudo": True}, "sudo"),
        ("shell", {"unreadable": "{"}, "shell"),
        ("read", {"path": "a\0b"}, "NUL"),
    ],
)
async def test_a_wrong_call_is_explained_to_the_model(
    ground: Ground, name: str, given: dict[str, object], says: str
) -> None:
    assert says in await refusal(ground, name, **given)


async def test_a_change_can_be_seen_before_it_is_made(ground: Ground, root: Path) -> None:
    (root / "a.txt").write_text("one\ntwo\n")
    asked = shown(
        ground, understood(ToolUse("1", "edit", {"path": "a.txt", "old": "two", "new": "2"}))
    )
    assert (asked.heading, asked.lines) == ("edit a.txt", ("-two", "+2"))
    assert (root / "a.txt").read_text() == "one\ntwo\n"


def test_only_looking_is_offered_where_only_looking_is_allowed() -> None:
    assert [tool.name for tool in tools([Need.LOOK])] == ["read", "list", "search"]
    assert {tool.name for tool in tools(list(Need))} >= {"edit", "write", "shell"}


def is_gone(pid: int) -> bool:
    """Also when nobody has asked for its status yet."""
    state = subprocess.run(
        ("ps", "-o", "stat=", "-p", str(pid)), capture_output=True, text=True, check=False
    ).stdout.strip()
    return not state or state.startswith("Z")

import asyncio
import os
import random
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from command_center.domain.errors import TmuxError, TmuxMissing, TmuxUnreachable
from command_center.drivers.control import ControlClient
from command_center.drivers.control_stream import Reply
from command_center.drivers.tmux import SESSION, TmuxServer
from tests.drivers.tmux_panes import python_pane, tmux, until, until_shown

HOSTILE = [
    "plain",
    "",
    " lead and trail ",
    'it\'s "quoted" `x` \\ back\\\\slash \\n \\101 \\u0041 \\',
    "#(touch gone) #{pid} #[fg=red] ## #",
    "$HOME ${HOME} $(id) %H %1 {x} [y] ~ ~root",
    "~",
    "a;b ; kill-server ;",
    ";",
    "-t -- -",
    "two\nlines\n\nand\ta tab",
    "\x01\x1b[31m\x7f\x85",
    "%end 1 2 1\n%begin 1 2 1\n%error 3 4 1\n%exit",
    "%if 1\n%endif",
    "é 漢字 🧑‍🚀 \u202e",
    "x=y",
    "# comment",
]

FLOOD = "while True: print('flood ' * 20)"
FRAMES = """
import os, sys, time
frame = 0
while True:
    frame += 1
    os.write(1, b'\\r\\x1b[Kframe %d ' % frame)
    time.sleep(0.02)
"""


@pytest_asyncio.fixture
async def client(server: TmuxServer) -> AsyncIterator[ControlClient]:
    client = await ControlClient.attach(server.socket, SESSION)
    yield client
    await client.close()


def noise(seed: int) -> str:
    chance = random.Random(seed)
    signs = "\"'\\$~#;{}()%- \n\t\r\x1b\x7fab0é🙂"
    return "".join(chance.choice(signs) for _ in range(chance.randrange(1, 200)))


async def test_any_text_reaches_tmux_as_it_is(client: ControlClient) -> None:
    texts = HOSTILE + [noise(seed) for seed in range(200)]
    for text in texts:
        _, shown = await client.run(("set-option", "-g", "@x", text), ("show-options", "-gv", "@x"))
        assert "\n".join(shown.lines) == text


async def test_bytes_that_python_could_not_decode_reach_tmux_as_they_were(
    client: ControlClient,
) -> None:
    text = os.fsdecode(b"caf\xe9 \xff")
    _, shown = await client.run(("set-option", "-g", "@x", text), ("show-options", "-gv", "@x"))
    assert shown.lines == ["caf\ufffd \ufffd"]


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d surrogate"])
async def test_what_tmux_cannot_carry_is_refused(client: ControlClient, text: str) -> None:
    with pytest.raises(TmuxError):
        await client.run(("set-option", "-g", "@x", text))
    [reply] = await client.run(("show-options", "-gqv", "@x"))
    assert reply.lines == []


async def test_hundreds_of_commands_are_answered_in_order(client: ControlClient) -> None:
    async def batch(start: int) -> list[str]:
        wanted = (("display-message", "-p", f"{n}\n{n}") for n in range(start, start + 100))
        return [line for reply in await client.run(*wanted) for line in reply.lines]

    answers = await asyncio.gather(*(batch(start) for start in range(0, 800, 100)))
    flat = [int(line) for answer in answers for line in answer]
    assert flat == [n for n in range(800) for _ in range(2)]


async def test_a_refused_command_leaves_the_next_ones_alone(client: ControlClient) -> None:
    first, bad, last = await client.run(
        ("display-message", "-p", "first"),
        ("select-window", "-t", "@999"),
        ("display-message", "-p", "last"),
    )
    assert (first.lines, last.lines) == (["first"], ["last"])
    assert bad == Reply(False, ["can't find window: @999"])


@pytest.mark.parametrize(
    "command",
    [
        ("refresh-client", "-A", "%0:off"),
        ("refresh", "-A", "%0:off"),
        ("detach-client",),
        ("kill-server",),
        ("run-shell", "true"),
        ("if-shell", "true", "kill-server"),
        ("display-message -p x ; kill-server",),
        ("",),
        (),
    ],
)
async def test_a_dangerous_command_cannot_be_sent(
    client: ControlClient, command: tuple[str, ...]
) -> None:
    with pytest.raises(TmuxError):
        await client.run(("display-message", "-p", "x"), command)
    assert [reply.lines for reply in await client.run(("display-message", "-p", "y"))] == [["y"]]


async def test_the_client_never_receives_what_panes_print(
    server: TmuxServer, tmp_path: Path
) -> None:
    notices: list[str] = []
    client = await ControlClient.attach(server.socket, SESSION, on_notice=notices.append)
    pane = await python_pane(server, tmp_path, FLOOD)
    await until_shown(server, pane, "flood")
    await client.run(*[("capture-pane", "-p", "-t", pane)] * 200)
    await client.close()
    assert any(notice.startswith("%window-add") for notice in notices)
    assert not any(notice.startswith("%output") for notice in notices)


async def test_a_closed_client_is_gone_and_the_server_stays(server: TmuxServer) -> None:
    client = await ControlClient.attach(server.socket, SESSION)
    assert "control-mode" in tmux(server.socket, "list-clients", "-F", "#{client_flags}")
    await client.close()
    assert tmux(server.socket, "list-clients") == ""
    with pytest.raises(TmuxUnreachable):
        await client.run(("display-message", "-p", "x"))


async def test_clients_that_come_and_go_together_leave_the_server_alive(
    server: TmuxServer, tmp_path: Path
) -> None:
    pid = tmux(server.socket, "display-message", "-p", "#{pid}")

    async def come_and_go() -> None:
        for _ in range(25):
            client = await ControlClient.attach(server.socket, SESSION)
            await client.close()

    async def start() -> None:
        for _ in range(10):
            other = TmuxServer(server.socket)
            assert not await other.ensure(("sleep", "1"), cwd=tmp_path)
            await other.close()

    await asyncio.gather(come_and_go(), come_and_go(), come_and_go(), start())
    assert tmux(server.socket, "display-message", "-p", "#{pid}") == pid


async def test_a_missing_server_is_unreachable_and_not_started(socket: str) -> None:
    with pytest.raises(TmuxUnreachable, match="cannot attach"):
        await ControlClient.attach(socket, SESSION)
    assert "No such file" in tmux(socket, "-N", "list-sessions")


async def test_a_missing_session_is_unreachable(server: TmuxServer) -> None:
    with pytest.raises(TmuxUnreachable, match="cannot attach to elsewhere"):
        await ControlClient.attach(server.socket, "elsewhere")


async def test_missing_tmux_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TmuxMissing, match="install"):
        await ControlClient.attach("cc-test-none", SESSION)


async def test_a_killed_server_fails_all_that_wait(
    server: TmuxServer, client: ControlClient
) -> None:
    pid = int(tmux(server.socket, "display-message", "-p", "#{pid}"))
    os.kill(pid, signal.SIGSTOP)
    waiting = [
        asyncio.ensure_future(client.run(("display-message", "-p", str(n)))) for n in range(5)
    ]
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    # Well before a reply would be overdue.
    async with asyncio.timeout(8):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(answer) for answer in answers] == ["the tmux server went away"] * 5


async def test_a_server_that_hangs_is_unreachable(server: TmuxServer) -> None:
    client = await ControlClient.attach(server.socket, SESSION, reply_timeout=0.5)
    pid = int(tmux(server.socket, "display-message", "-p", "#{pid}"))
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(TmuxUnreachable, match="did not answer"):
            await client.run(("display-message", "-p", "x"))
        await client.close()
    finally:
        os.kill(pid, signal.SIGCONT)
    again = await ControlClient.attach(server.socket, SESSION)
    await again.close()


async def test_a_cancelled_call_leaves_later_answers_in_place(client: ControlClient) -> None:
    cancelled = asyncio.ensure_future(client.run(("display-message", "-p", "first")))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    [reply] = await client.run(("display-message", "-p", "second"))
    assert reply.lines == ["second"]


HOLDER = """
    import asyncio, sys
    from command_center.drivers.control import ControlClient

    async def main():
        client = await ControlClient.attach(sys.argv[1], sys.argv[2])
        print("attached", flush=True)
        while True:
            await client.run(*[("capture-pane", "-p", "-t", sys.argv[3])] * 20)

    asyncio.run(main())
"""


async def test_agents_run_on_while_the_process_that_watches_them_is_stopped_and_killed(
    server: TmuxServer, tmp_path: Path
) -> None:
    flood = await python_pane(server, tmp_path, FLOOD)
    frames = await python_pane(server, tmp_path, FRAMES)
    await until_shown(server, frames, "frame")

    async def frame() -> int:
        captured = await server.capture([frames], lines=1)
        return int(captured[frames][-1].split()[-1])

    async def rate(seconds: float) -> float:
        before = await frame()
        await asyncio.sleep(seconds)
        return (await frame() - before) / seconds

    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", textwrap.dedent(HOLDER), server.socket, SESSION, flood),
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"attached\n"
    usual = await rate(1.5)
    holder.send_signal(signal.SIGSTOP)
    stopped = await rate(3)
    holder.kill()
    await holder.communicate()
    assert stopped > usual / 2
    first = await frame()

    async def has_moved_on() -> bool:
        return await frame() > first

    await until(has_moved_on, "the agent paints another frame")

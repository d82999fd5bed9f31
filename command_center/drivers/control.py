"""A persistent tmux control-mode client that can neither stall nor kill the server.

The client never receives pane output (`no-output`), so one that stops reading throttles no
agent. It speaks only after the first reply and leaves with `detach-client`: tmux 3.3a may
crash when a control client ends before that, or turns the output of a flooding pane off. It
comes and goes in its turn.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from command_center.domain.errors import TmuxError, TmuxUnreachable
from command_center.drivers.control_stream import Block, Notice, Reply, ReplyParser
from command_center.drivers.tmux_process import connected, tmux_argv
from command_center.drivers.tmux_text import Command, command_line
from command_center.drivers.tmux_turns import turn

# Full names only. None of these runs another command, a shell or a client of its own, so a
# command is always answered by exactly one reply; `refresh-client` is left out on purpose.
COMMANDS = frozenset(
    {
        "capture-pane",
        "copy-mode",
        "delete-buffer",
        "display-message",
        "kill-window",
        "list-panes",
        "list-windows",
        "new-window",
        "paste-buffer",
        "rename-window",
        "resize-window",
        "respawn-pane",
        "select-pane",
        "select-window",
        "send-keys",
        "set-buffer",
        "set-option",
        "show-options",
    }
)

_FLAGS = ("no-output", "ignore-size")
_LEAVE_SECONDS = 3.0
_RETRY_SECONDS = 0.5

OnNotice = Callable[[str], None]


class _Batch:
    def __init__(self, size: int) -> None:
        self.size = size
        self.replies: list[Reply] = []
        self.done: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()


class _Wire(asyncio.SubprocessProtocol):
    """Carries what the client process writes to its `ControlClient`."""

    def __init__(self, client: "ControlClient") -> None:
        self._client = client
        self._parser = ReplyParser()

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        try:
            for item in self._parser.feed(data):
                self._client.take(item)
        except TmuxUnreachable as error:
            self._client.lose(str(error))

    def pipe_connection_lost(self, fd: int, _error: Exception | None) -> None:
        # Our side of its input may break first, with the reason still unread in its output.
        if fd == 1:
            self._client.lose("the tmux server went away")

    def connection_lost(self, _error: Exception | None) -> None:
        self._client.ended.set()


class ControlClient:
    """One attached control-mode client. Made by `attach`, ended by `close`."""

    def __init__(self, socket: str, on_notice: OnNotice | None, reply_timeout: float) -> None:
        self._socket = socket
        self._on_notice = on_notice
        self._reply_timeout = reply_timeout
        self._batches: deque[_Batch] = deque()
        self._attached: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.SubprocessTransport | None = None
        self._why_lost = ""
        self.ended = asyncio.Event()
        """Set once the client process is gone and its pipes are closed."""

    @classmethod
    async def attach(
        cls,
        socket: str,
        session: str,
        *,
        on_notice: OnNotice | None = None,
        reply_timeout: float = 10.0,
    ) -> "ControlClient":
        """Attach to `session`; `on_notice` gets each notification line, such as `%window-add @3`.

        Raises TmuxUnreachable when there is no such server or session.
        """
        client = cls(socket, on_notice, reply_timeout)
        attach = ("-N", "-C", "attach-session", "-f", ",".join(_FLAGS), "-t", f"={session}")
        try:
            async with turn(socket):
                client._transport = await connected(
                    lambda: _Wire(client), *tmux_argv(socket), *attach
                )
                await client._be_attached(session)
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def is_lost(self) -> bool:
        return bool(self._why_lost)

    async def run(self, *commands: Command) -> list[Reply]:
        """Send all commands at once; their replies, in order. A command that tmux refuses is a
        reply that is not ok; the ones after it still run.

        Raises TmuxError for a command that may not be sent (then none was), TmuxUnreachable
        when no answer came (then any of them may have run).
        """
        for command in commands:
            if not command or command[0] not in COMMANDS:
                raise TmuxError(f"{' '.join(command[:1])!r} is not a command sent to tmux")
        return await self._ask([command_line(command) for command in commands])

    async def close(self) -> None:
        """Detach and wait for the client process to end."""
        if not self.is_lost and self._attached.done():
            async with turn(self._socket):
                self._write(b"detach-client\n", _Batch(1))
                await self._end_within(_LEAVE_SECONDS)
        self.lose("this client is closed")
        if self._transport is not None:
            await self._end_within(_LEAVE_SECONDS)
            # Kills what has not ended, which is safe at any moment: no output is queued for it.
            self._transport.close()
            await self.ended.wait()

    def take(self, item: Block | Notice) -> None:
        """Raises TmuxUnreachable for an answer to nothing."""
        if isinstance(item, Notice):
            if self._on_notice is not None:
                self._on_notice(item.line)
        elif not item.is_ours:
            if not self._attached.done():
                self._attached.set_result(item.reply)
        elif not self._batches:
            raise TmuxUnreachable("tmux answered a command that was not sent")
        else:
            batch = self._batches[0]
            batch.replies.append(item.reply)
            if len(batch.replies) == batch.size:
                self._batches.popleft()
                if not batch.done.done():
                    batch.done.set_result(batch.replies)

    def lose(self, why: str) -> None:
        """Answer all that wait with TmuxUnreachable(why)."""
        if self._why_lost:
            return
        self._why_lost = why
        if not self._attached.done():
            self._attached.set_result(Reply(False, [why]))
        while self._batches:
            waiting = self._batches.popleft().done
            if not waiting.done():
                waiting.set_exception(TmuxUnreachable(why))

    async def _be_attached(self, session: str) -> None:
        try:
            async with asyncio.timeout(self._reply_timeout):
                reply = await asyncio.shield(self._attached)
        except TimeoutError as error:
            raise TmuxUnreachable(f"tmux did not answer within {self._reply_timeout} s") from error
        if not reply.ok:
            raise TmuxUnreachable(f"cannot attach to {session}: {' '.join(reply.lines)}")
        [flags] = await self._ask([command_line(("display-message", "-p", "#{client_flags}"))])
        if not set(_FLAGS) <= set(",".join(flags.lines).split(",")):
            raise TmuxUnreachable(f"tmux did not grant {', '.join(_FLAGS)}; install tmux 3.2 or up")

    async def _ask(self, lines: list[bytes]) -> list[Reply]:
        if self.is_lost:
            raise TmuxUnreachable(self._why_lost)
        batch = _Batch(len(lines))
        if not lines:
            return batch.replies
        self._write(b"".join(lines), batch)
        try:
            async with asyncio.timeout(self._reply_timeout):
                return await batch.done
        except TimeoutError as error:
            # Its late reply could be taken for the next one.
            self.lose(f"tmux did not answer within {self._reply_timeout} s")
            raise TmuxUnreachable(self._why_lost) from error

    def _write(self, data: bytes, batch: _Batch) -> None:
        assert self._transport is not None
        pipe = self._transport.get_pipe_transport(0)
        assert isinstance(pipe, asyncio.WriteTransport)
        self._batches.append(batch)
        pipe.write(data)

    async def _end_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.ended.wait()
        except TimeoutError:
            return False


class Connection:
    """A `ControlClient` made when it is first needed, and again after it was lost."""

    def __init__(self, socket: str, session: str, on_notice: OnNotice | None = None) -> None:
        self.socket = socket
        self.session = session
        self._on_notice = on_notice
        self._client: ControlClient | None = None
        self._connecting = asyncio.Lock()
        self._failure = ""
        self._retry_at = 0.0

    async def run(self, *commands: Command) -> list[Reply]:
        """As `ControlClient.run`. An absent server is asked again after half a second."""
        client = await self.connect()
        return await client.run(*commands)

    async def connect(self) -> ControlClient:
        async with self._connecting:
            if self._client is not None and not self._client.is_lost:
                return self._client
            await self._drop()
            if asyncio.get_running_loop().time() < self._retry_at:
                raise TmuxUnreachable(self._failure)
            try:
                self._client = await ControlClient.attach(
                    self.socket, self.session, on_notice=self._on_notice
                )
            except TmuxUnreachable as error:
                self._failure = str(error)
                self._retry_at = asyncio.get_running_loop().time() + _RETRY_SECONDS
                raise
            return self._client

    def retry_now(self) -> None:
        """Forget a failure: the server has just been started."""
        self._retry_at = 0.0

    async def close(self) -> None:
        async with self._connecting:
            await self._drop()

    async def _drop(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

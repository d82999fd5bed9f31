"""Where an agent's calls are taken: checked, sent as intents, and waited for."""

import asyncio
import time
from collections.abc import Mapping

import msgspec

from command_center.domain import tools
from command_center.domain.errors import IntentError, SpecError, SupervisorUnreachable
from command_center.domain.intents import Call
from command_center.domain.model import Agent, Fleet
from command_center.domain.places import Places
from command_center.domain.tools import Tool
from command_center.mcp.runs_shown import run_shown, runs_shown
from command_center.mcp.shown import board_shown, fleet_shown
from command_center.store.inbox import Inbox, send
from command_center.store.settings import read_settings
from command_center.store.view import View

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
"""How long the supervisor may take to decide; a person may take for ever."""


class Counter:
    """Serves the one agent whose environment it was started with. Owns a connection; close it."""

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
        self._view = View(places.log)
        self._inbox = Inbox(places.inbox)
        self._settings = places.settings
        self._places = places
        self._agent = environ.get("ACC_AGENT", "")
        self._launch = environ.get("ACC_LAUNCH", "")

    def close(self) -> None:
        self._view.close()

    def offered(self) -> list[type[Tool]]:
        """The tools that the agent has; none for whom we do not know. Raises LogError."""
        agent = self._known(self._fleet)
        scopes = self._scopes(agent) if agent is not None else ()
        known = tools.SCOPE_OF.items()
        return [tool for tool, scope in known if scope in scopes and tool not in tools.UNLISTED]

    async def call(self, name: str, arguments: Mapping[str, object]) -> str:
        """What the tool says. Raises IntentError, SupervisorUnreachable, LogError, OSError."""
        offered = {tools.name_of(tool) for tool in self.offered()}
        agent = self._known(self._fleet)
        if agent is None:
            raise IntentError("only an agent that Command Center runs now can call this")
        if name not in offered:
            raise IntentError(f"you have no tool '{name[:40]}'; you have {', '.join(offered)}")
        match _converted(name, arguments):
            case tools.ListFleet():
                return fleet_shown(self._fleet, agent)
            case tools.ReadBoard(last):
                return board_shown(self._fleet, agent, last)
            case tools.ListRuns() as asked:
                return runs_shown(self._fleet, agent, asked)
            case tools.ReadRun() as asked:
                return await asyncio.to_thread(run_shown, self._places, self._fleet, agent, asked)
            case tools.AskUser() as asked:
                return await self._answered(asked)
            case call:
                return await self._decided(self._send(call), PATIENCE_SECONDS)

    async def _answered(self, asked: tools.AskUser) -> str:
        """Takes the question back when nobody waits for the answer any more."""
        intent, is_over = self._send(asked), False
        try:
            answer = await self._decided(intent)
            is_over = True
        except IntentError:
            is_over = True
            raise
        finally:
            if not is_over:
                self._send(tools.WithdrawQuestion(intent))
        return answer

    async def _decided(self, intent: str, patience: float = 0.0) -> str:
        """Raises IntentError when it is refused; waits for ever without `patience`."""
        deadline = time.monotonic() + patience
        while (answer := self._fleet.answers.get(intent)) is None:
            if patience and time.monotonic() > deadline:
                raise SupervisorUnreachable("nobody decides now; it stays asked for")
            await asyncio.sleep(POLL_SECONDS)
        if answer.is_refused:
            raise IntentError(answer.text)
        return answer.text

    def _send(self, call: tools.Acting) -> str:
        return send(self._inbox, Call(self._launch, call), self._agent)

    @property
    def _fleet(self) -> Fleet:
        self._view.poll()
        return self._view.fleet

    def _known(self, fleet: Fleet) -> Agent | None:
        agent = fleet.agents.get(self._agent)
        return agent if agent is not None and agent.launch == self._launch else None

    def _scopes(self, agent: Agent) -> tuple[str, ...]:
        if agent.order.scopes is not None:
            return agent.order.scopes
        try:
            return read_settings(self._settings).mcp.scopes
        except SpecError:
            return ()


def _converted(name: str, arguments: Mapping[str, object]) -> tools.Acting | tools.Reading:
    """Raises IntentError."""
    table = {**arguments, "tool": name}
    try:
        call: tools.Acting | tools.Reading = msgspec.convert(
            table, tools.Acting | tools.Reading, strict=False
        )
        msgspec.json.encode(call)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError) as error:
        raise IntentError(str(error)) from None
    return call

"""CLIs that start themselves anew: an update, or a child that takes over."""

from pathlib import Path

import pytest

from command_center.domain.intents import Send, Stop
from command_center.domain.model import Delivery, Phase, State
from tests.center import Center

SPEC = """
id = "tool"
name = "Tool"
[binary]
names = ["{program}"]
version = []
[launch]
argv = ["${{binary}}"]
[prompt]
settle_ms = 50
clear = ["C-u"]
[signals.osc7501]
"""
OLD = """#!/bin/sh
osc() {{ printf '\\033]7501;state=%s\\033\\\\' "$1"; }}
osc idle
read -r line
osc working
cp "$0.new" "$0.part" && mv "$0.part" "$0"
{restart}
"""
NEW = """#!/bin/sh
osc() { printf '\\033]7501;state=%s\\033\\\\' "$1"; }
echo "the new version"
osc done
read -r line
osc working
sleep 1000
"""


@pytest.mark.parametrize("restart", ['exec "$0"', '"$0"; exit $?'], ids=["in place", "as a child"])
async def test_a_cli_that_updates_itself_stays_the_same_agent(
    supervised: Center, tmp_path: Path, restart: str
) -> None:
    program = tmp_path / "tool.sh"
    for file, text in ((program, OLD.format(restart=restart)), (Path(f"{program}.new"), NEW)):
        file.write_text(text)
        file.chmod(0o700)
    supervised.add_spec("tool", SPEC.format(program=program))
    agent = await supervised.launch(spec="tool")
    begun = await supervised.agent_until(agent.id, lambda a: a.state is State.IDLE)
    await supervised.answer(Send(agent.id, "update yourself"))
    done = await supervised.agent_until(
        agent.id, lambda a: any(r.delivery is Delivery.FINISHED for r in a.receipts)
    )
    assert (done.phase, done.state, done.pid) == (Phase.LIVE, State.IDLE, begun.pid)
    assert "the new version" in supervised.tmux("capture-pane", "-p", "-t", done.pane)
    await supervised.answer(Send(agent.id, "work"))
    await supervised.agent_until(agent.id, lambda a: a.state is State.BUSY)
    await supervised.answer(Stop(agent.id))
    stopped = await supervised.agent_until(agent.id, lambda a: a.phase is Phase.PARKED)
    assert stopped.incarnation == 1

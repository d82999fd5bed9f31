"""What agents told of themselves, as recorded from real CLIs, and what we make of it.

One case per file: a first line that names the spec, then one thing told per line (`at` in seconds:
an `osc` report, a `hook` with its payload, a `title`, the CLI's state `file`, a record of its
`transcript`, lines of its `screen`, the `exit` of its process, a `resume`, or what a source said
as a `claim`), and lines that say what the agent must be by then. A state file's own times are
seconds as well; a claim's `age` is in seconds at that time. `limit` is when the limit must end, 0
for none, and `doing` what the agent is said to do.
"""

import json
from pathlib import Path

import pytest

from tests.engine.replay import START, Replay

CASES = sorted((Path(__file__).parents[1] / "corpus" / "states").glob("*.jsonl"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
async def test_what_was_told_leads_to_what_was_so(case: Path, tmp_path: Path) -> None:
    first, *lines = map(json.loads, case.read_text("utf-8").splitlines())
    replay = Replay(tmp_path, first["spec"])
    try:
        for number, line in enumerate(lines, 2):
            if "state" not in line:
                replay.tell(line)
                continue
            agent = replay.agent
            assert (number, agent.state) == (number, line["state"])
            assert "reason" not in line or (number, agent.reason) == (number, line["reason"])
            if "limit" in line:
                ends = START + line["limit"] if line["limit"] else 0.0
                assert (number, agent.limited_until) == (number, ends)
            assert "doing" not in line or (number, replay.doing) == (number, line["doing"])
    finally:
        replay.close()

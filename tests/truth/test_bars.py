"""What the run about real CLIs may not leave out in silence."""

import pytest
from msgspec.structs import replace

from benchmarks.truth import absences
from command_center.domain.usage import Tokens
from tests.agents.one_shot import CLIS, Headless, Told
from tests.scripted.exchange import Usage


@pytest.mark.parametrize(
    ("named", "missed"),
    [([], ["codex"]), (["claude"], []), (["codex", "grok"], ["codex", "grok"])],
)
def test_a_cli_that_is_not_there_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, named: list[str], missed: list[str]
) -> None:
    monkeypatch.setattr("benchmarks.truth.is_installed", lambda cli: cli not in ("codex", "grok"))
    told = absences(named)
    assert [row.name.partition(":")[0] for row in told] == missed
    assert not any(row.ok for row in told)


@pytest.mark.parametrize("cli", CLIS, ids=lambda cli: cli.spec)
def test_a_single_token_about_which_not_all_agree_is_told(cli: Headless) -> None:
    served = Usage(100, 20, 2000, 300, 7)
    writes, said = (300 if cli.tells_writes else 0), (20 if cli.reasons_apart else 27)
    ours = Tokens(100, 27, 2000, writes, 7)
    other = Tokens(100, said, 2000, writes)
    assert Told(served, ours, other).differences(cli) == []
    [word] = Told(served, replace(ours, input=101), other).differences(cli)
    assert word == "input: served 100, ours 101, ccusage 100"
    assert Told(served, ours, replace(other, output=said + 1)).differences(cli)

"""What the run about real CLIs may not leave out in silence."""

import pytest

from benchmarks.truth import absences


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

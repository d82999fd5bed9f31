"""How agents end and come back, by keys alone, in a real terminal."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Crew
from tests.e2e.screen import row_of
from tests.e2e.stage import Stage, is_alive
from tests.gitrepo import commit, run_git, write

pytestmark = pytest.mark.usefixtures("calm")


def test_s_stops_and_r_resumes(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("pauser")
    before = stage.launch(name, "task").pid
    screen.choose(name)
    screen.press("s")
    screen.until_row(name, "parked")
    screen.until_shown("worktree and conversation are kept")
    assert not is_alive(before)
    screen.press("r")
    screen.until_row(name, "idle")
    screen.until_hidden("worktree and conversation are kept")
    assert is_alive(stage.agent(name).pid)


def test_s_asks_before_it_ends_a_turn(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("asker")
    before = stage.launch(name, "[ask]").pid
    screen.choose(name)
    screen.press("s")
    screen.until_shown(f"{name} is waiting. Stop it?")
    screen.press("n")
    screen.until_hidden("Stop it?")
    assert stage.agent(name).pid == before
    assert is_alive(before)
    screen.press("s")
    screen.until_shown("Stop it?")
    screen.press("y")
    screen.until_row(name, "parked")


def test_x_lists_uncommitted_work_instead_of_removing_it(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("drafty")
    stage.launch(name)
    draft = write(stage.worktree(name) / "draft.txt", "not yet committed\n")
    screen.choose(name)
    screen.press("x")
    screen.until_shown(f"Remove {name}", "If any work would be lost")
    screen.press("y")
    screen.until_shown("Not removed: work would be lost", "untracked: draft.txt")
    screen.press("Escape")
    screen.until_hidden("Not removed")
    screen.until_row(name, "idle")
    assert draft.read_text() == "not yet committed\n"


def test_x_keeps_the_branch_when_only_commits_would_be_lost(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("author")
    agent = stage.launch(name)
    write(stage.worktree(name) / "chapter.txt", "done\n")
    made = commit(stage.worktree(name), "Write a chapter")
    screen.choose(name)
    screen.press("x")
    screen.until_shown(f"Remove {name}")
    screen.press("y")
    screen.until_shown("unmerged commit:", "k keeps the branch")
    screen.press("k")
    screen.until(lambda text: "Not removed" not in text and not row_of(text, name))
    assert run_git(stage.center.repo, "rev-parse", agent.order.branch) == made
    assert not Path(agent.order.worktree).exists()


def test_undo_brings_back_what_x_removed(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("phoenix")
    agent = stage.launch(name)
    branches = ("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
    before = run_git(stage.center.repo, *branches)
    screen.choose(name)
    screen.press("x")
    screen.until_shown(f"Remove {name}")
    screen.press("y")
    screen.until(lambda text: not row_of(text, name) and "No agent matches" in text)
    assert not Path(agent.order.worktree).exists()
    assert agent.order.branch not in run_git(stage.center.repo, *branches)
    screen.press("U")
    screen.until_row(name, "parked")
    assert run_git(stage.center.repo, *branches) == before
    assert (stage.worktree(name) / "src").is_dir()

"""What a filled-in launch form means."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from command_center.domain.budgets import Cap
from command_center.domain.intents import Launch
from command_center.domain.specs import AgentSpec, parse
from command_center.tui.dialogs.draft import Draft, DraftError, launches, summary


def spec(name: str, **launch: object) -> AgentSpec:
    table = {"id": name, "name": name.title(), "binary": {"names": [name]}}
    return parse({**table, "launch": {"argv": ["${binary}"], **launch}}, f"{name}.toml")


SPECS = {
    "ant": spec("ant", modes={"ask": [], "plan": ["--plan"]}),
    "bee": spec("bee", modes={"ask": []}),
    "cat": spec("cat"),
}


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").touch()
    return Draft(counts={"ant": 1}, prompt="fix it", repo=str(tmp_path))


def test_every_agent_is_an_intent_of_its_own(draft: Draft) -> None:
    planned = launches(replace(draft, counts={"ant": 2, "bee": 1}), SPECS)
    assert planned == [
        Launch("ant", draft.repo, "fix it"),
        Launch("ant", draft.repo, "fix it"),
        Launch("bee", draft.repo, "fix it"),
    ]


def test_every_field_reaches_the_intent(draft: Draft) -> None:
    filled = replace(
        draft, base="main", branch="a/{name}", model="big", mode="plan", trusts_repo=True
    )
    assert launches(filled, SPECS) == [
        Launch("ant", draft.repo, "fix it", "", "main", "a/{name}", "big", "plan", True)
    ]


def test_a_budget_and_a_resume_reach_the_intent(draft: Draft) -> None:
    [launch] = launches(replace(draft, budget="5usd, 200ktok", comes_back=True), SPECS)
    assert (launch.budget, launch.comes_back) == (Cap(5.0, 200_000), True)


def test_a_budget_without_a_unit_is_a_problem(draft: Draft) -> None:
    with pytest.raises(DraftError, match=r"^budget: '5' is no amount"):
        launches(replace(draft, budget="5"), SPECS)


def test_each_line_is_an_agent_of_each_kind_when_asked_for(draft: Draft) -> None:
    by_line = replace(draft, counts={"ant": 1, "bee": 1}, prompt="a\n\n b \n", is_by_line=True)
    planned = [(launch.spec, launch.prompt) for launch in launches(by_line, SPECS)]
    assert planned == [("ant", "a"), ("bee", "a"), ("ant", "b"), ("bee", "b")]


def test_a_prompt_keeps_its_lines_and_its_indentation(draft: Draft) -> None:
    [launch] = launches(replace(draft, prompt="  first\n\n\tlast\n"), SPECS)
    assert launch.prompt == "  first\n\n\tlast"


def test_a_file_alone_gives_its_text(draft: Draft, tmp_path: Path) -> None:
    (tmp_path / "task.md").write_text("from a file\n", "utf-8")
    [launch] = launches(replace(draft, prompt=f"@{tmp_path}/task.md\n"), SPECS)
    assert launch.prompt == "from a file"


def test_a_file_among_words_stays_as_it_is(draft: Draft) -> None:
    [launch] = launches(replace(draft, prompt="@src/main.py is wrong"), SPECS)
    assert launch.prompt == "@src/main.py is wrong"


def test_a_spec_without_modes_is_given_none(draft: Draft) -> None:
    [launch] = launches(replace(draft, counts={"cat": 1}, mode="plan"), SPECS)
    assert launch.mode == ""


def test_a_bare_repository_is_one(draft: Draft, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    (bare / "objects").mkdir(parents=True)
    (bare / "HEAD").touch()
    (tmp_path / ".git" / "HEAD").unlink()
    (tmp_path / ".git").rmdir()
    assert launches(replace(draft, repo=str(bare)), SPECS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": {}}, "no agent chosen"),
        ({"repo": " "}, "no repository"),
        ({"repo": "/nowhere"}, "no folder /nowhere"),
        ({"repo": "/"}, "not in git"),
        ({"mode": "plan", "counts": {"bee": 1}}, "Bee has no mode plan; it has ask"),
        ({"branch": "fixed", "counts": {"ant": 2}}, "2 agents cannot share fixed"),
        ({"branch": "fixed", "is_by_line": True, "prompt": "a\nb"}, "2 agents cannot share fixed"),
        ({"branch": "{nam}"}, "only {name}, {spec} and {slug}"),
        ({"branch": "{"}, "only {name}, {spec} and {slug}"),
        ({"branch": "{name.x}"}, "only {name}, {spec} and {slug}"),
        ({"branch": "{}"}, "only {name}, {spec} and {slug}"),
        ({"is_by_line": True, "prompt": " \n"}, "there is no line yet"),
        ({"prompt": "@/nowhere/x"}, "/nowhere/x: No such file"),
    ],
)
def test_what_stands_in_the_way_is_said(
    draft: Draft, change: dict[str, object], words: str
) -> None:
    with pytest.raises(DraftError) as caught:
        launches(replace(draft, **change), SPECS)
    assert words in str(caught.value)


def test_the_summary_counts_what_would_be_launched(draft: Draft, tmp_path: Path) -> None:
    where = f"worktree of {tmp_path.name}"[:40]
    assert summary(draft, SPECS).startswith(f"launches 1 × Ant in a {where}")
    several = summary(replace(draft, counts={"ant": 3, "bee": 1}, base="v1"), SPECS)
    assert several.startswith("launches 4 agents: 3 × Ant, 1 × Bee, each in a ")
    assert several.endswith("from v1")

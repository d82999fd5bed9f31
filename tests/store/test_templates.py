from pathlib import Path

import pytest

from command_center.domain.errors import NotFound, SpecError
from command_center.domain.places import Places
from command_center.domain.tasks import TaskKind
from command_center.domain.templates import filled
from command_center.domain.wordings import Wording, brief_of
from command_center.store.templates import load_templates


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places.of({"COMMAND_CENTER_HOME": str(tmp_path)}, tmp_path)
    found.config.mkdir(parents=True)
    return found


def test_six_templates_are_shipped_and_each_makes_a_task(places: Places) -> None:
    found = load_templates(places)
    assert list(found.by_name) == ["feature", "bugfix", "research", "plan", "review", "experiment"]
    assert found.problems == ()
    for name, template in found.by_name.items():
        values = dict.fromkeys(template.variables, "it")
        brief = brief_of("x", filled(template, "x", Wording(prompt="words"), values))
        assert brief.kind == TaskKind(name)
        assert "words" in brief.prompt
        assert template.about


def test_only_a_review_needs_to_be_told_something(places: Places) -> None:
    found = load_templates(places).by_name
    needed = {name: [v for v in t.variables if v not in t.defaults] for name, t in found.items()}
    assert {name: names for name, names in needed.items() if names} == {"review": ["branch"]}


def test_the_users_templates_come_on_top(places: Places) -> None:
    places.settings.write_text(
        '[templates.bugfix]\nprompt = "Mend {file}."\ncheck = "make test"\nbudget = "2usd,1h"\n'
        '[templates.own-1]\nkind = "chore"\ndefaults = { who = "me" }\n'
    )
    found = load_templates(places)
    assert found.template("bugfix").prompt == "Mend {file}."
    assert found.template("own-1").kind is TaskKind.CHORE


def test_a_wrong_template_is_one_problem_and_the_others_count(places: Places) -> None:
    places.settings.write_text(
        '[templates.a]\ncheck = "make \'x"\n[templates.b]\nkinds = "plan"\n'
        '[templates."a b"]\n[templates.c]\nbudget = "5"\n[templates.good]\n'
    )
    found = load_templates(places)
    assert len(found.problems) == 4
    assert "good" in found.by_name
    with pytest.raises(SpecError, match=r"config\.toml: templates\.a: No closing quotation"):
        found.template("a")
    with pytest.raises(SpecError, match="did you mean 'kind'"):
        found.template("b")


def test_an_unknown_template_is_told_the_nearest(places: Places) -> None:
    with pytest.raises(NotFound, match="did you mean 'bugfix'"):
        load_templates(places).template("bugfx")

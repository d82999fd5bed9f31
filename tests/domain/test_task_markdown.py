import textwrap
import time

import pytest
from hypothesis import given, strategies as st

from command_center.domain.errors import IntentError
from command_center.domain.task_markdown import (
    LONGEST_TEXT,
    Per,
    parse_task,
    parse_tasks,
    written,
    written_task,
)
from command_center.domain.tasks import Allowance, Brief, Check, Conversation, Judge, TaskKind


def tasks(text: str, per: Per | None = None) -> tuple[Brief, ...]:
    return parse_tasks(textwrap.dedent(text), "plan.md", per)


def titles(text: str, per: Per | None = None) -> list[str]:
    return [brief.title for brief in tasks(text, per)]


def needs(text: str) -> dict[str, tuple[str, ...]]:
    return {brief.title: brief.needs for brief in tasks(text)}


def problem(text: str) -> str:
    with pytest.raises(IntentError) as caught:
        tasks(text)
    return str(caught.value)


def test_every_heading_below_the_title_of_the_text_is_a_task() -> None:
    text = """
        # The plan
        Words about it.
        ## Sort the list
        ## Print it ##
        ### With colours
        Red and green.
        """
    assert titles(text) == ["Sort the list", "Print it"]
    assert tasks(text)[1].prompt == "Print it\n\n### With colours\nRed and green."


def test_every_item_of_a_checklist_is_a_task_and_headings_only_group_them() -> None:
    text = """
        # The plan
        ## First
        - [ ] Sort the list
        - not a task
        1. [ ] **Print it**
           In colours:
             - [ ] red
        ## Then
        * [ ] Rest
        """
    assert titles(text) == ["Sort the list", "Print it", "Rest"]
    assert tasks(text)[1].prompt == "Print it\n\nIn colours:\n  - [ ] red"


def test_attributes_below_a_heading_say_that_checklists_are_a_part_of_it() -> None:
    text = """
        # Group
        ## Sort the list
        kind: bugfix

        - [ ] it is stable
        # Other group
        ## Print it
        """
    assert titles(text) == ["Sort the list", "Print it"]
    assert tasks(text)[0].prompt == "Sort the list\n\n- [ ] it is stable"


def test_what_stands_for_a_task_can_be_said() -> None:
    text = "# One\n- [ ] a\n# Two\n"
    assert titles(text) == ["a"]
    assert titles(text, Per.HEADING) == ["One", "Two"]
    assert titles("# One\nkind: plan\n\n- [ ] a\n", Per.ITEM) == ["a"]


def test_attributes_stand_at_the_beginning_in_any_order() -> None:
    [brief] = tasks("""
        - [ ] Sort the list

          kind: bugfix
          check: `pytest -q 'tests/a b'`
          check-seconds: 90
          - returns: 0
          - touches: src/*.py, "a, b.txt"
          Priority: 3
          tags: api, old
          spec: demo
          niche: frontier
          conversation: kept
          budget: 2usd, 100ktok, 1.5h
          base: main
          Note: the list is long.
          kind: is no attribute here
        """)
    assert brief == Brief(
        "Sort the list",
        prompt="Sort the list\n\nNote: the list is long.\nkind: is no attribute here",
        kind=TaskKind.BUGFIX,
        check=Check(Judge.COMMAND, ("pytest", "-q", "tests/a b"), 90.0, 0),
        allowance=Allowance(2.0, 100_000, 90.0),
        touches=("src/*.py", "a, b.txt"),
        priority=3,
        tags=("api", "old"),
        spec="demo",
        niche="frontier",
        conversation=Conversation.KEPT,
        base="main",
    )


def test_a_title_alone_is_the_whole_prompt() -> None:
    [brief] = tasks("- [ ] Sort the list\n")
    assert (brief.prompt, brief.words) == ("", "Sort the list")


def test_needs_are_numbers_titles_or_tasks_that_are_there_already() -> None:
    text = """
        - [ ] one
        - [ ] Two, of three
        - [ ] three
          needs: 1, "two, of three", T7
        - [ ] four
          needs: #3, Three
        """
    found = needs(text)
    assert found["three"] == ("#1", "#2", "T7")
    assert found["four"] == ("#3",)


def test_what_is_checked_off_is_left_out_and_needed_no_more() -> None:
    text = """
        - [x] done
        - [ ] one
        - [X] done as well
          kind: plan
        - [ ] last
          needs: 1, 2, "done as well"
        """
    assert needs(text) == {"one": (), "last": ("#1",)}
    assert titles("# [x] done\n# [ ] open\n") == ["open"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- [ ] a\n  needs: 2\n", "plan.md:1: needs 2, and there are 1 tasks"),
        ("- [ ] a b\n- [ ] c\n  needs: a c\n", "plan.md:2: needs 'a c', and no task is called so"),
        ("- [ ] a\n- [ ] a\n- [ ] c\n  needs: A\n", "several tasks are called so"),
        ("- [ ] a\n  needs: 2\n- [ ] b\n  needs: 1\n", "a needs b needs a: nothing of it"),
        ("- [ ] a\n  needs: a\n", "plan.md:1: a needs a"),
        ("- [ ] a\n  chek: pytest\n", "plan.md:2: 'chek': did you mean 'check'?"),
        ("- [ ] a\n  kind: bug\n", "plan.md:1: a: Invalid enum value 'bug'"),
        ("- [ ] a\n  kind: plan\n  kind: plan\n", "plan.md:3: kind is said twice"),
        ("- [ ] a\n  check: pytest 'x\n", "plan.md:1: a: No closing quotation"),
        ("- [ ] a\n  budget: 5\n", "'5' is no budget; write 2usd, 100ktok"),
        ("- [ ] a\n  judge: command\n", "judge command needs a check to run"),
        ("- [ ] a\n  judge: user\n  check: make\n", "judge user needs no check to run"),
        ("- [ ] a\n  tags: a b\n", "tag 'a b'"),
        ("- [ ] a\n  touches: a 'b\n- [ ] b\n  touches: 'a\n", "plan.md:4: touches: write one"),
        ("words\n", "plan.md:1: no tasks"),
        ("#\n", "plan.md:1: a task needs a title"),
        ("x" * (LONGEST_TEXT + 1), "longer than 1,000,000 characters"),
        ("- [ ] a\n" * 301, "plan.md:301: more than 300 tasks"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, said: str) -> None:
    assert said in problem(text)


def test_code_holds_neither_tasks_nor_attributes() -> None:
    text = """
        # Sort
        ```sh
        # not a heading
        - [ ] not an item
        ```
        # Print
        ~~~
        kind: plan
        ~~~
        """
    assert titles(text) == ["Sort", "Print"]
    assert tasks(text)[1].kind is TaskKind.FEATURE


def test_line_ends_of_other_systems_are_no_part_of_anything() -> None:
    [brief] = tasks("# Sort\r\nkind: plan\r\n\r\nIt\r\nis.\r\n")
    assert (brief.title, brief.kind, brief.prompt) == ("Sort", TaskKind.PLAN, "Sort\n\nIt\nis.")


def test_control_sequences_in_a_title_are_taken_out() -> None:
    assert titles("- [ ] \x1b]0;a\x07So\x1b[31mrt\x9b #(id)\n") == ["Sort #(id)"]


@pytest.mark.parametrize(
    "piece",
    [
        "#\n",
        "\n",
        "# \t",
        "- [ ] a\n",
        "needs: 1,",
        "```\n",
        "`" * 9,
        "\\#",
        "# a\nx: b\n",
        "\x1b[",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    text = "# a\nneeds: 1\n" + piece * (400_000 // len(piece))
    start = time.process_time()
    for per in (None, *Per):
        try:
            parse_tasks(text, per=per)
        except IntentError:
            continue
    assert time.process_time() - start < 20


texts = st.text(st.sampled_from("ab #\\`~-[]x:,'\"\n\t🙂ü"), max_size=60)
names = st.text(st.sampled_from("ab #,'\"ü"), min_size=1, max_size=12).filter(
    lambda name: name.strip() == name and not ("'" in name and '"' in name)
)
titled = st.text("abü#*' ", min_size=1, max_size=20).map(lambda text: f"T {text} end")
checks = st.one_of(
    st.builds(Check, st.just(Judge.COMMAND), st.lists(names, min_size=1).map(tuple)),
    st.builds(Check, st.sampled_from([Judge.USER, Judge.REVIEW]), returns=st.integers(0, 3)),
)
briefs = st.builds(
    Brief,
    title=titled.map(lambda text: " ".join(text.split())),
    prompt=texts.map(lambda text: text.strip("\n").rstrip()),
    kind=st.sampled_from(TaskKind),
    check=checks,
    allowance=st.builds(Allowance, st.sampled_from([0.0, 2.5, 0.1]), st.integers(0, 9_999)),
    touches=st.lists(names, max_size=3).map(tuple),
    needs=st.lists(st.integers(1, 99).map(lambda n: f"T{n}"), unique=True, max_size=3).map(tuple),
    priority=st.integers(-3, 3),
    tags=st.lists(st.sampled_from(["api", "old", "v2"]), unique=True).map(tuple),
    conversation=st.sampled_from(Conversation),
    base=st.sampled_from(["", "main"]),
)


@given(briefs)
def test_a_task_that_was_written_is_read_as_it_was(brief: Brief) -> None:
    assert parse_task(written_task(brief)) == brief


def test_tasks_that_were_written_are_read_as_they_were() -> None:
    several = (
        Brief("one", prompt="one\n\n## part\n\\# sign\n- [ ] step\n```\n# code\n```"),
        Brief("two", prompt="two\n\nkind: plan", needs=("#1", "T9")),
        Brief("three", needs=("#1", "#2")),
    )
    assert parse_tasks(written(several)) == several


def test_a_line_break_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(IntentError, match="line break"):
        written_task(Brief("x", check=Check(Judge.COMMAND, ("sh", "-c", "a\nb"))))

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, strategies as st

from command_center.domain.errors import SpecError
from command_center.domain.model import State
from command_center.domain.specs import PLACEHOLDERS, AgentSpec, parse
from command_center.domain.strict import read_toml

MINIMAL = """
id = "tool"
name = "Tool"
binary.names = ["tool"]
launch.argv = ["${binary}"]
"""


def spec_of(more: str, minimal: str = MINIMAL) -> AgentSpec:
    return parse(read_toml(minimal + more, "tool.toml"), "tool.toml")


def problem_of(more: str, minimal: str = MINIMAL) -> str:
    with pytest.raises(SpecError) as caught:
        spec_of(more, minimal)
    return str(caught.value)


@contextmanager
def only_spec_errors() -> Iterator[None]:
    """Nothing else may be raised inside, and the file must be named."""
    told = "any.toml: "
    try:
        yield
    except SpecError as error:
        told = str(error)
    assert told.startswith("any.toml: ")


scalars = (
    st.text(max_size=5) | st.integers() | st.floats() | st.booleans() | st.dates() | st.datetimes()
)
keys = st.text(max_size=5) | st.sampled_from(
    [*AgentSpec.__struct_fields__, "argv", "names", "env", "modes", "rules", "match", "state"]
)
documents = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    ),
)


@given(documents)
def test_any_table_is_a_spec_or_a_spec_error(table: dict[str, object]) -> None:
    with only_spec_errors():
        parse(table, "any.toml")


@given(documents)
def test_any_addition_to_a_good_spec_is_a_spec_or_a_spec_error(table: dict[str, object]) -> None:
    with only_spec_errors():
        parse({**read_toml(MINIMAL, "f"), **table}, "any.toml")


@given(st.text())
def test_any_text_is_a_table_or_a_spec_error(text: str) -> None:
    with only_spec_errors():
        read_toml(text, "any.toml")


def test_a_minimal_spec_is_enough() -> None:
    spec = spec_of("")
    assert (spec.id, spec.launch.argv, spec.resume) == ("tool", ("${binary}",), None)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('comand = "x"', "tool.toml: unknown key 'comand' (known keys: "),
        ('instal = "x"', "tool.toml: unknown key 'instal' (did you mean 'install'?)"),
        ("prompt.sumbit = 'C-m'", "unknown key 'prompt.sumbit' (did you mean 'submit'?)"),
        ("resume.argvs = ['x']", "unknown key 'resume.argvs' (did you mean 'argv'?)"),
        (
            "[[signals.screen.rules]]\nmach = 'x'\nstate = 'idle'",
            "unknown key 'signals.screen.rules.mach' (did you mean 'match'?)",
        ),
        (
            "[signals.hooks.events.Stop]\nstat = 'idle'",
            "unknown key 'signals.hooks.events.Stop.stat' (did you mean 'state'?)",
        ),
    ],
)
def test_an_unknown_key_names_file_key_and_nearest(more: str, told: str) -> None:
    assert told in problem_of(more)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("prompt.settle_ms = 9000", "tool.toml: Expected `int` <= 5000 - at `$.prompt.settle_ms`"),
        ("signals.screen = {rules = [], lines = 0}", "`int` >= 1"),
        ("[[signals.title.rules]]\nmatch = 'x'\nstate = 'sleepy'", "Invalid enum value 'sleepy'"),
        ("[[signals.title.rules]]\nmatch = '('\nstate = 'idle'", "signals.title: bad pattern '('"),
        ("launch.env.A = 'cost: $5'", "launch.env.A: stray '$'"),
        ("resume.argv = ['${sesion}']", "resume.argv: unknown placeholder ${sesion}"),
        ("resume.argv = ['a', ['-m', '${modle}']]", "resume.argv: unknown placeholder ${modle}"),
        ("trust.args = ['$']", "trust.args: stray '$'"),
        ("launch.files = [{path='${state}/a', text='$x'}]", "launch.files.text: unknown"),
        ("launch.argv.x = 1", "not valid TOML"),
    ],
)
def test_a_wrong_value_names_file_and_place(more: str, told: str) -> None:
    problem = problem_of(more)
    assert problem.startswith("tool.toml: ")
    assert told in problem


@pytest.mark.parametrize("missing", ["id", "name", "binary.names", "launch.argv"])
def test_what_a_spec_must_say_is_asked_for(missing: str) -> None:
    rest = "".join(line for line in MINIMAL.splitlines(True) if not line.startswith(missing))
    assert f"missing required field `{missing.partition('.')[0]}`" in problem_of("", rest)


@pytest.mark.parametrize("name", ["", "Tool", "-x", "a/b", "x\\n", "x" * 33, "ä"])
def test_an_id_is_short_and_plain(name: str) -> None:
    assert "`$.id`" in problem_of("", MINIMAL.replace('"tool"', f'"{name}"', 1))


@pytest.mark.parametrize("pattern", ["a{99999999999999999999}", "(" * 9000 + ")" * 9000])
def test_a_pattern_too_large_for_python_is_a_spec_error(pattern: str) -> None:
    rule = f"[[signals.screen.rules]]\nmatch = '{pattern}'\nstate = 'idle'"
    assert "bad pattern" in problem_of(rule)


def test_an_array_nested_too_deeply_is_a_spec_error() -> None:
    assert problem_of("x = " + "[" * 100_000).startswith("tool.toml: ")


def test_every_placeholder_can_be_used() -> None:
    words = ", ".join(f"'${{{name}}}'" for name in sorted(PLACEHOLDERS))
    assert len(spec_of(f"trust.args = [{words}]").trust.args) == len(PLACEHOLDERS)


def test_the_process_id_is_known_only_where_a_state_file_is_looked_for() -> None:
    published = "[signals.published]\npath = '${config}/${pid}.json'\nstates = {ready = 'idle'}"
    spec = spec_of(published)
    assert spec.signals.published is not None
    assert spec.signals.published.states == {"ready": State.IDLE}
    assert "unknown placeholder ${pid}" in problem_of("launch.env.A = '${pid}'")


def test_two_dollars_are_a_dollar() -> None:
    assert spec_of("launch.env.A = 'cost: $$5'").launch.env == {"A": "cost: $$5"}

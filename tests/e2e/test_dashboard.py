"""Every key of the dashboard, pressed in a real terminal, small and large."""

import pytest

from command_center.domain.intents import Send
from command_center.domain.model import State
from tests.e2e.conftest import Crew, Open
from tests.e2e.screen import LARGE, Size, row_of
from tests.e2e.stage import Stage, is_alive

pytestmark = pytest.mark.usefixtures("calm")


def test_n_launches_several_agents_with_one_prompt(stage: Stage, crew: Crew) -> None:
    screen, word = stage.screen, crew("dawn")
    screen.press("n")
    screen.until_shown("Launch agents", "1 × Echo")
    screen.press("3")
    screen.until_shown("3 × Echo")
    screen.press("Tab")
    screen.until_shown("tab moves on · ctrl+s launches")
    screen.type_text(f"greet the {word}")
    screen.until_shown("launches 3 agents: 3 × Echo", f"greet the {word}")
    screen.press("C-s")
    screen.until(lambda text: text.count(f"greet the {word}") >= 3 and "Launch agents" not in text)
    ours = [a.name for a in stage.center.fleet.agents.values() if word in a.order.prompt]
    assert len(ours) == 3
    for name in ours:
        screen.until_row(name, "idle")
        stage.until_received(name, f"greet the {word}")
        assert stage.worktree(name).is_dir()


def test_enter_types_into_the_agent_until_the_chord_leaves(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("typist")
    stage.launch(name)
    screen.choose(name)
    screen.press("Enter")
    screen.until_shown(f"every other key goes to {name}", "ctrl+] leaves")
    screen.type_text("quit: s r x ? / q")
    screen.press("Enter")
    stage.until_received(name, "quit: s r x ? / q")
    screen.press("C-]")
    screen.until_shown("n new", "q quit")


def test_o_opens_the_agent_in_a_split_beside(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("split")
    stage.launch(name)
    screen.choose(name)
    screen.press("o")
    screen.until(lambda _: len(screen.panes()) == 2)
    beside = screen.panes()[1]
    screen.until_shown(">", pane=beside)
    screen.type_text("from beside", pane=beside)
    screen.press("Enter", pane=beside)
    stage.until_received(name, "from beside")
    screen.until_shown("done", pane=beside)
    screen.press("C-b", "d", pane=beside)
    screen.until(lambda _: len(screen.panes()) == 1)
    screen.until_row(name, "idle")


def test_capital_o_opens_the_agent_in_a_window(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("window")
    stage.launch(name)
    screen.choose(name)
    screen.press("O")
    screen.until(lambda _: screen.windows() == 2)
    screen.until_shown(">", pane=screen.panes()[1])
    screen.press("C-b", "d", pane=screen.panes()[1])
    screen.until(lambda _: screen.windows() == 1)


def test_a_size_that_the_environment_tells_is_not_believed(open_dashboard: Open) -> None:
    screen = open_dashboard(LARGE, "env", "COLUMNS=80", "LINES=24").screen
    screen.until(lambda text: "q quit" in text.split("\n")[LARGE.height - 1])
    screen.close()


def test_o_outside_tmux_attaches_and_comes_back(size: Size, open_dashboard: Open) -> None:
    stage = open_dashboard(size, "env", "-u", "TMUX", "-u", "TMUX_PANE")
    screen, name = stage.screen, f"guest{size.width}"
    stage.launch(name)
    screen.choose(name)
    screen.press("o")
    screen.until(lambda text: text.startswith(">") and "q quit" not in text)
    screen.type_text("in place")
    screen.press("Enter")
    stage.until_received(name, "in place")
    screen.press("C-b", "d")
    screen.until_shown("q quit")
    screen.until_row(name, "idle")
    screen.close()


def test_p_sends_a_prompt_of_several_lines(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("reader")
    stage.launch(name)
    screen.choose(name)
    screen.press("p")
    screen.until_shown(f"Prompt for {name}")
    screen.type_text("first; #{pane_id}")
    screen.press("Enter")
    screen.type_text('second "$(id)" 🌍')
    screen.press("C-s")
    stage.until_received(name, 'first; #{pane_id}\nsecond "$(id)" 🌍')
    screen.until_hidden("Prompt for")


def test_space_hides_an_agent_and_shows_it_again(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("shy")
    stage.launch(name)
    screen.choose(name)
    screen.press("Space")
    screen.until(lambda text: "1 hidden" in text and not row_of(text, name))
    screen.press(".")
    screen.until_row(name, "▌")
    screen.press("Space")
    screen.until(lambda text: "1 hidden" not in text and row_of(text, name))
    assert stage.agent(name).state is State.IDLE


def test_z_gives_the_pane_all_the_room_and_takes_it_back(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("zoom")
    stage.launch(name, "task")
    screen.choose(name)
    screen.press("z")
    screen.until(lambda text: not row_of(text, name) and "done" in text)
    screen.press("z")
    screen.until_row(name, "▌")


def test_a_jumps_to_who_needs_me(stage: Stage, crew: Crew) -> None:
    screen, calm, asking = stage.screen, crew("jump-calm"), crew("jump-asks")
    stage.launch(calm)
    stage.launch(asking, "[ask]")
    screen.filter("jump-")
    screen.until_row(calm, "idle")
    screen.until_row(asking, "waiting")
    screen.until_shown("touch build")
    screen.press("G")
    screen.until_row(calm, "▌")
    screen.press("a")
    screen.until_row(asking, "▌")
    screen.press("Enter")
    screen.until_shown(f"every other key goes to {asking}")
    screen.press("y", "C-]")
    screen.until_row(asking, "idle")


def test_slash_filters_by_any_text(stage: Stage, crew: Crew) -> None:
    screen, shown, other = stage.screen, crew("needle"), crew("haystack")
    stage.launch(shown, "sort the red socks")
    stage.launch(other, "sort the blue socks")
    screen.press("/")
    screen.type_text(f"red {shown}")
    screen.until_shown("enter keeps the filter")
    screen.until(lambda text: row_of(text, shown) and not row_of(text, other))
    screen.press("Enter")
    screen.until_shown(f"/red {shown}")
    screen.press("Escape")
    screen.until_row(other)
    screen.until_row(shown, "▌")


def test_question_mark_shows_all_keys(stage: Stage) -> None:
    screen = stage.screen
    screen.press("?")
    screen.until_shown("Keys", "Type into it; ctrl+] leaves", "Launch agents", "esc closes")
    screen.press("End")
    screen.until_shown("Leave; the agents go on")
    screen.press("Escape")
    screen.until_hidden("esc closes")


def test_capital_m_shows_the_machine_and_who_uses_it(stage: Stage, crew: Crew) -> None:
    screen = stage.screen
    stage.launch(crew("load"))
    screen.press("M")
    screen.until_shown("Machine", " cpu ", " memory ", "OVER TIME")
    screen.press("Escape")
    screen.until_shown("n new")


def test_colon_opens_a_palette_that_goes_to_an_agent(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("target")
    stage.launch(name)
    screen.press(":")
    screen.until_shown("What shall be done?")
    screen.type_text(f"go to {name}")
    screen.until_shown(f"Go to {name}")
    screen.press("Enter")
    screen.until_row(name, "▌")


def test_w_explains_where_the_state_comes_from(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("why")
    stage.launch(name, "task")
    screen.choose(name)
    screen.press("w")
    screen.until_shown(f"Why {name} is idle", "▸ osc7501", "most to the least trusted")
    screen.press("Escape")
    screen.until_hidden(f"Why {name}")


def test_i_interrupts_the_turn(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("hasty")
    stage.launch(name, "Count the files", spec="demo", mode="ask")
    stage.until_state(name, State.WAITING)
    screen.choose(name)
    screen.until_shown("[y]es / [n]o")
    screen.press("i")
    screen.until_shown("Not run, as you said.")
    screen.until_row(name, "idle")


def test_a_click_selects_types_and_presses_the_footer(stage: Stage, crew: Crew) -> None:
    screen, first, second = stage.screen, crew("mouse-one"), crew("mouse-two")
    stage.launch(first)
    stage.launch(second)
    screen.filter("mouse-")
    screen.until(lambda text: row_of(text, first) and row_of(text, second))
    for name in (first, second, first):
        screen.click(name)
        screen.until_row(name, "▌")
    screen.click(second, times=2)
    screen.until_shown(f"every other key goes to {second}")
    screen.press("C-]")
    screen.until_shown("? help")
    screen.click("? help")
    screen.until_shown("Type into it")
    screen.press("Escape")
    screen.until_hidden("Type into it")


def test_a_call_rings_once_and_only_for_who_is_not_on_the_screen(stage: Stage, crew: Crew) -> None:
    screen, seen, unseen = stage.screen, crew("near"), crew("far")
    for name in (seen, unseen):
        stage.launch(name)
    screen.choose(seen)
    for name in (seen, unseen):
        stage.center.ask(Send(stage.agent(name).id, "[ask]"))
    screen.until_row(seen, "waiting")
    screen.until_shown(f"{unseen} waits for you", "touch build")
    # Whatever is done about it later must not ring again for the same question.
    screen.press("Escape")
    screen.until_row(unseen, "waiting")
    ring = b"\a\x1bPtmux;\x1b\x1b]9;Command Center: %s waits for you\a\x1b\\"
    assert screen.stream.count(ring % unseen.encode()) == 1
    assert screen.stream.count(f"{seen} waits for you".encode()) == 0


def test_q_leaves_and_everything_is_there_again(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("stayer")
    agent = stage.launch(name, "task")
    screen.press("q")
    screen.until(lambda _: screen.is_over)
    assert is_alive(agent.pid)
    stage.acc("send", name, "meanwhile")
    screen.start_again()
    screen.until_shown("n new")
    screen.choose(name)
    screen.until_row(name, "idle")
    assert stage.agent(name).pid == agent.pid
    stage.until_received(name, "task", "meanwhile")


def test_keys_typed_ahead_of_a_dialog_do_nothing_to_the_fleet(stage: Stage, crew: Crew) -> None:
    screen, name = stage.screen, crew("early")
    before = stage.launch(name).pid
    screen.choose(name)
    # All in one piece, as a slow connection delivers them; `s` would stop it without a question.
    screen.type_text("pss")
    screen.until_shown(f"Prompt for {name}")
    screen.press("Escape")
    screen.until_hidden("Prompt for")
    screen.until_row(name, "idle")
    assert stage.agent(name).pid == before
    assert is_alive(before)

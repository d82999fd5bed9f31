"""What the Machine screen says, line by line, and what it makes of a past."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from command_center.domain.machine import GIB, GpuLoad, HostLoad, Point, Process
from command_center.domain.model import Fleet
from command_center.tui.figures import bytes_text
from command_center.tui.machine_figures import Parts, bars, strip_words, width_of
from command_center.tui.machine_gpus import driver_words, gpu_lines
from command_center.tui.machine_lines import cpu_lines, memory_lines, narrow_lines, wait_parts
from command_center.tui.machine_loads import Order, loads
from command_center.tui.machine_past import Frame, Past, Steps, frame, stepped
from command_center.tui.machine_plots import pages
from tests.tui import machines
from tests.tui.world import NOON

STEPS = Steps()
STEPS.take(Past(), NOON, 600)


def said(lines: list[Parts]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


@given(st.integers(79, 260), st.integers(1, 300), st.integers(2, 9))
def test_no_machine_however_large_makes_a_line_wider_than_the_screen(
    width: int, cpus: int, gpus: int
) -> None:
    host = machines.host(cpus=cpus)
    cards = [machines.gpu(n, processes=machines.PROCESSES) for n in range(gpus)]
    lines = [
        *cpu_lines(host, STEPS, width, 6),
        *narrow_lines(host, STEPS, width),
        *memory_lines(host, STEPS, width),
        *gpu_lines(cards, Fleet(), STEPS, width),
    ]
    assert max(map(width_of, lines)) <= width


@pytest.mark.parametrize("cpus", [1, 2, 7, 16, 64, 130])
def test_every_cpu_is_shown_once(cpus: int) -> None:
    host = replace(machines.host(), cpus=(1.0,) * cpus)
    [_, *lines, _] = cpu_lines(host, STEPS, 120, 6)
    shown = said(lines)
    assert shown.count("100%") == cpus or shown.count("█") == cpus


@pytest.mark.parametrize(
    ("driver", "words"),
    [("nvidia", "nvidia"), ("simulated", "simulated"), ("amd", "amd (on no real one yet)")],
)
def test_a_driver_that_was_never_tried_says_so(driver: str, words: str) -> None:
    assert driver_words([GpuLoad("0", driver=driver), GpuLoad("1", driver=driver)]) == words


def test_a_counter_that_no_gpu_has_takes_no_room() -> None:
    card = GpuLoad("0", "Apple M3", "apple", use=12)
    [head, line] = gpu_lines([card], Fleet(), STEPS, 200)
    assert said([head]).split() == ["GPU", "NAME", "USE", "USE", "OVER", "TIME"]
    assert "None" not in said([line])


def test_a_counter_that_one_gpu_lacks_is_blank_and_not_nothing() -> None:
    cards = [machines.gpu(0), replace(machines.gpu(1), celsius=None)]
    [head, first, second] = gpu_lines(cards, Fleet(), STEPS, 200)
    at = said([head]).index("TEMP")
    assert said([first])[at : at + 4].strip().endswith("°C")
    assert not said([second])[at : at + 4].strip()


def test_a_process_that_is_nobodys_of_ours_is_called_so() -> None:
    card = machines.gpu(0, processes=(Process(7, "Xorg"), Process(8, "evil\x1b[31m", GIB)))
    shown = said(gpu_lines([card], Fleet(), STEPS, 120))
    assert shown.count("not ours") == 2
    assert "\x1b" not in shown


def test_a_run_that_has_a_gpu_and_does_not_use_it_is_told() -> None:
    card = replace(machines.gpu(0), runs=("R7",))
    assert "R7  has it and does not use it yet" in said(gpu_lines([card], Fleet(), STEPS, 120))


def test_what_a_kernel_does_not_tell_is_left_out() -> None:
    host = HostLoad(0.5, (0.5,), 8 * GIB, 4 * GIB)
    assert said([wait_parts(host)]).strip() == "load"
    assert "swap" not in said(memory_lines(host, STEPS, 80))


@pytest.mark.parametrize(("order", "first"), [(Order.CPU, "R1"), (Order.MEMORY, "R1")])
def test_who_takes_most_stands_first(order: Order, first: str) -> None:
    found = loads(machines.sample(), order)
    assert found[0].owner == first
    used = [t.cpu or 0.0 if order is Order.CPU else t.memory for t in found]
    assert used == sorted(used, reverse=True)


@pytest.mark.parametrize(
    ("gpus", "words"),
    [
        (0, "cpu 47% mem 19.8G"),
        (1, "cpu 47% mem 19.8G gpu 0:24%"),
        (8, "cpu 47% mem 19.8G 8 gpus 33%"),
    ],
)
def test_the_machine_in_a_few_words(gpus: int, words: str) -> None:
    one = machines.sample(gpus=gpus)
    told = replace(one, host=replace(one.host, memory_available=int(12.2 * GIB)))
    assert strip_words(told, NOON + 1) == words
    assert strip_words(told, NOON + 60) == ""


@given(st.floats(0, 1e13))
def test_a_size_fits_its_column(count: float) -> None:
    assert len(bytes_text(count)) <= 6


@given(st.lists(st.none() | st.floats(0, 200), max_size=40), st.floats(1, 100))
def test_bars_are_as_many_as_the_values(values: list[float | None], top: float) -> None:
    shown = bars(values, top)
    assert len(shown) == len(values)
    assert [sign == " " for sign in shown] == [value is None for value in values]


def test_steps_are_means_and_a_hole_stays_a_hole() -> None:
    points = [Point(at, float(at)) for at in (*range(20), *range(60, 80))]
    values = stepped(points, Frame(0.0, 10.0, 9))
    # A value holds on until the next one is overdue; nobody knows what comes after the last.
    assert values == [4.5, 14.5, 14.5, 14.5, None, None, 64.5, 74.5, None]


def test_a_step_is_worked_out_anew_when_more_is_known_of_the_past() -> None:
    steps, new = Steps(), [Point(NOON - 300, 2.0)]
    steps.take(Past(NOON - 600, NOON, {"cpu": new}), NOON, 3600)
    assert steps.values("cpu", 4) == [None, None, None, 2.0]
    long = Past(NOON - 3600, NOON, {"cpu": [Point(NOON - 3300, 1.0), *new]})
    steps.take(long, NOON, 3600)
    assert steps.values("cpu", 4) == [1.0, None, None, 2.0]


@given(st.floats(1.7e9, 1.9e9), st.sampled_from([120, 600, 3600]), st.integers(1, 300))
def test_all_steps_of_a_frame_are_over_and_reach_back_a_whole_span(
    now: float, span: int, room: int
) -> None:
    made = frame(now, span, room)
    assert made.count <= room
    assert made.step >= 1
    assert now - made.step - 1e-3 <= made.end <= now + 1e-3
    assert abs(made.end - made.start - span) < 1e-3


@pytest.mark.parametrize("across", [1, 2, 4])
@pytest.mark.parametrize("gpus", [0, 1, 3])
def test_every_figure_is_on_some_page_once(across: int, gpus: int) -> None:
    plots = [plot for page in pages(machines.sample(gpus=gpus), across) for plot in page]
    titles = [plot.title for plot in plots]
    assert len(set(titles)) == len(titles) or gpus == 1
    assert {plot.names for plot in plots} >= {("cpu",), ("memory",)}
    assert sum(plot.title.endswith("temperature") for plot in plots) == gpus

"""Figures in what runs print."""

import pytest
from hypothesis import given, strategies as st

from command_center.domain.metrics import figures, points
from command_center.domain.runs import Demand, Ration, RunLife, RunOrder
from command_center.domain.verdicts import how_it_ended


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("val_bpb: 2.94", {"val_bpb": 2.94}),
        ("  val_bpb:          3.1416  ", {"val_bpb": 3.1416}),
        ("step: 10 | loss: 5e-1", {"step": 10, "loss": 0.5}),
        ("step=10, train/loss=-.5; acc: 97%", {"step": 10, "train/loss": -0.5, "acc": 97}),
        ('{"step": 3, "loss": 0.5, "note": "x", "ok": true}', {"step": 3, "loss": 0.5}),
        ('{"eval": {"loss": 1, "text": "x"}}', {"eval.loss": 1}),
        ("num_params: 1_024", {"num_params": 1024}),
        ("Epoch 3: loss 0.5", {}),
        ("see http://a:80", {}),
        ("time: 12:30", {}),
        ("val_bpb: 2.94 (better)", {}),
        ("key:", {}),
        ("{not json: 1}", {}),
        ("[1, 2]", {}),
        ("", {}),
    ],
)
def test_a_line_of_figures_is_told_from_talk(line: str, found: dict[str, float]) -> None:
    assert figures(line) == found


def test_the_last_step_told_places_what_follows() -> None:
    found, step = points(["loss: 4", "step: 1 loss: 3", "acc: 0.5", "step: 2"], None, 7.0)
    told = [(p.metric, p.step, p.value) for p in found if p.metric != "step"]
    assert told == [("loss", None, 4.0), ("loss", 1, 3.0), ("acc", 1, 0.5)]
    assert step == 2


def test_what_is_no_finite_number_is_kept_as_none() -> None:
    lines = ["loss: nan", "loss: inf", '{"loss": 1e999}', '{"loss": NaN}', f'{{"loss": {10**400}}}']
    found, _ = points(lines, None, 0.0)
    assert [p.value for p in found] == [None] * 5


@given(st.text())
def test_no_line_is_a_surprise(line: str) -> None:
    assert isinstance(figures(line), dict)
    assert isinstance(figures("{" + line), dict)
    assert isinstance(figures(f"key: {line}"), dict)


@pytest.mark.parametrize(
    ("ended_by", "code", "tail", "life", "reason"),
    [
        ("", 0, "", RunLife.DONE, ""),
        ("", 0, "MemoryError", RunLife.DONE, ""),
        ("", 1, "x", RunLife.CRASHED, "exit status 1"),
        ("", -11, "", RunLife.CRASHED, "ended by SIGSEGV"),
        ("", None, "", RunLife.CRASHED, "nobody knows its exit status"),
        (
            "",
            1,
            "torch.OutOfMemoryError: CUDA out of memory. Tried",
            RunLife.OUT_OF_MEMORY,
            "it said: OutOfMemoryError",
        ),
        ("memory", -9, "", RunLife.OUT_OF_MEMORY, "needed more than 2 GiB"),
        ("wall", -15, "", RunLife.TIMED_OUT, "took longer than 60 s"),
        ("cpu", -15, "", RunLife.TIMED_OUT, "used more than 36 CPU seconds"),
        ("steps", -15, "", RunLife.TIMED_OUT, "reached step 9"),
        ("cancel", -15, "", RunLife.CANCELLED, "cancelled"),
    ],
)
def test_how_a_run_ended_is_told_apart(
    ended_by: str, code: int | None, tail: str, life: RunLife, reason: str
) -> None:
    order = RunOrder(
        ("x",), demand=Demand(memory_gib=2), ration=Ration(wall_s=60, cpu_s=36, steps=9)
    )
    assert how_it_ended(order, ended_by, code, tail) == (life, reason)


def test_the_limit_that_was_reached_first_is_named() -> None:
    long = RunOrder(("x",), demand=Demand(gpus=2), ration=Ration(wall_s=60, gpu_s=90))
    assert how_it_ended(long, "wall", -15, "")[1] == "used more than 90 GPU seconds"
    short = RunOrder(("x",), demand=Demand(gpus=2), ration=Ration(wall_s=30, gpu_s=90))
    assert how_it_ended(short, "wall", -15, "")[1] == "took longer than 30 s"

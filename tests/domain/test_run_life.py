from command_center.domain import run_events as ev
from command_center.domain.run_life import Runs, ran
from command_center.domain.runs import (
    KEPT_FIGURES,
    Contention,
    Devices,
    RunLife,
    RunOrder,
)

ORDER = RunOrder(("python", "train.py"), metric="val_bpb")
QUEUED = ev.RunQueued("R1", ORDER, "cli")
LEASED = ev.LeaseGranted("R1", Devices(("0",)), 1, "c0ffee")
STARTED = ev.RunStarted("R1", "4711 123")
ENDED = ev.RunEnded("R1", RunLife.DONE, "", 0, {"val_bpb": 2.9}, Contention(steal=0.2))


def after(*happened: ev.RunEvent, runs: Runs | None = None) -> Runs:
    runs = runs or {}
    for at, event in enumerate(happened):
        runs = ran(runs, event, float(at))
    return runs


def test_a_run_goes_from_the_queue_over_its_lease_to_its_result() -> None:
    lives = []
    runs: Runs = {}
    for event in (QUEUED, LEASED, STARTED, ENDED):
        runs = ran(runs, event, 5.0)
        lives.append(runs["R1"].life)
    assert lives == [RunLife.QUEUED, RunLife.STARTING, RunLife.RUNNING, RunLife.DONE]
    run = runs["R1"]
    assert (run.result, run.exit_code, run.devices, run.order.commit) == (2.9, 0, None, "c0ffee")
    assert run.is_unseen


def test_a_lease_is_held_from_the_grant_to_the_end() -> None:
    held = [after(*events)["R1"].life.holds_lease for events in (
        (QUEUED,),
        (QUEUED, LEASED),
        (QUEUED, LEASED, STARTED),
        (QUEUED, LEASED, STARTED, ev.RunEndIntended("R1", RunLife.CANCELLED, "by you")),
        (QUEUED, LEASED, STARTED, ENDED),
    )]  # fmt: skip
    assert held == [False, True, True, True, False]


def test_a_run_in_the_queue_of_a_cluster_has_not_begun() -> None:
    submitted = ev.RunSubmitted("R1", "4711")
    runs = after(QUEUED, LEASED, submitted, ev.RunWaits("R1", "waits for free nodes"))
    run = runs["R1"]
    assert (run.life, run.handle, run.started_at) == (RunLife.STARTING, "4711", 0.0)
    assert run.reason == "waits for free nodes"
    run = after(ev.RunStarted("R1", "4711", "n2"), runs=runs)["R1"]
    assert (run.life, run.devices, run.reason) == (RunLife.RUNNING, Devices(("0",), node="n2"), "")


def test_a_run_ends_once() -> None:
    over = after(QUEUED, LEASED, STARTED, ENDED)
    again = ev.RunEnded("R1", RunLife.LOST, "nobody knows")
    assert after(again, STARTED, runs=over) == over


def test_a_requeued_run_starts_over_and_counts_its_attempts() -> None:
    runs = after(QUEUED, LEASED, STARTED, ENDED, ev.RunRequeued("R1", "its node died"))
    assert (runs["R1"].life, runs["R1"].figures, runs["R1"].handle) == (RunLife.QUEUED, {}, "")
    second = ev.LeaseGranted("R1", Devices(), 2)
    assert after(second, STARTED, runs=runs)["R1"].attempt == 2


def test_words_about_a_run_that_nobody_knows_change_nothing() -> None:
    assert after(STARTED, ENDED) == {}
    first = after(QUEUED, LEASED)
    assert after(QUEUED, runs=first) == first


def test_only_so_many_figures_are_kept() -> None:
    figures: dict[str, float | None] = {f"f{n}": float(n) for n in range(KEPT_FIGURES + 5)}
    run = after(QUEUED, LEASED, ev.RunEnded("R1", RunLife.DONE, figures=figures))["R1"]
    assert len(run.figures) == KEPT_FIGURES
    assert "f0" not in run.figures


def test_a_cancelled_run_is_nothing_to_look_at() -> None:
    run = after(QUEUED, ev.RunEnded("R1", RunLife.CANCELLED))["R1"]
    assert not run.is_unseen


def test_contention_is_the_worst_of_what_was_measured() -> None:
    assert Contention().index == 0.0
    assert Contention(cpu_pressure=0.3, steal=0.1, clock=0.95).index == 0.3

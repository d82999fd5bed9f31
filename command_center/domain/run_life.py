"""What a run becomes when something has happened to it."""

from typing import assert_never

from msgspec.structs import replace

from command_center.domain import run_events as ev
from command_center.domain.runs import KEPT_FIGURES, Devices, Run, RunLife

Runs = dict[str, Run]


def ran(runs: Runs, event: ev.RunEvent, at: float) -> Runs:
    """The runs after `event`; words about an unknown one change nothing."""
    if isinstance(event, ev.RunQueued):
        queued = Run(event.run, event.order, at, event.by, since=at)
        return runs if event.run in runs else {**runs, event.run: queued}
    run = runs.get(event.run)
    return runs if run is None else {**runs, run.id: _changed(run, event, at)}


def _changed(run: Run, event: ev.RunEvent, at: float) -> Run:
    match event:
        case ev.RunQueued():
            return run
        case ev.RunSeen():
            return replace(run, is_unseen=False)
        case ev.RunWatched():
            order = replace(run.order, against=event.against or run.order.against)
            watchers = tuple(dict.fromkeys((*run.watchers, event.agent)))
            return replace(run, order=order, watchers=watchers)
        case ev.RunWaits():
            may_wait = not run.life.is_over and run.life is not RunLife.ENDING
            return replace(run, reason=event.reason) if may_wait else run
        case ev.LeaseGranted():
            order = replace(run.order, commit=event.commit or run.order.commit)
            leased = replace(run, order=order, devices=event.devices, attempt=event.attempt)
            return _moved(replace(leased, handle="", started_at=0.0), RunLife.STARTING, at, "")
        case ev.RunSubmitted():
            return replace(run, handle=event.handle) if run.life.holds_lease else run
        case ev.RunStarted():
            if run.life is RunLife.ENDING and not run.started_at:
                return replace(run, handle=event.handle, started_at=at)
            if run.life is not RunLife.STARTING:
                return run
            devices = replace(run.devices or Devices(), node=event.node)
            started = replace(run, handle=event.handle, started_at=at, devices=devices)
            return _moved(started, RunLife.RUNNING, at, "")
        case ev.RunEndIntended():
            return run if run.life.is_over else _moved(run, RunLife.ENDING, at, event.reason)
        case ev.RunEnded():
            return run if run.life.is_over else _ended(run, event, at)
        case ev.RunRequeued():
            fresh = replace(run, devices=None, handle="", ended_at=0.0, exit_code=None, figures={})
            fresh = replace(fresh, earlier_s=run.earlier_s + run.took_s, is_unseen=False)
            return _moved(fresh, RunLife.QUEUED, at, event.reason)
        case _:
            assert_never(event)


def _ended(run: Run, event: ev.RunEnded, at: float) -> Run:
    ended = replace(
        run,
        devices=None,
        ended_at=at,
        exit_code=event.exit_code,
        figures=dict(list(event.figures.items())[-KEPT_FIGURES:]),
        contention=event.contention,
        is_unseen=event.life is not RunLife.CANCELLED,
    )
    return _moved(ended, event.life, at, event.reason)


def _moved(run: Run, life: RunLife, at: float, reason: str) -> Run:
    return replace(run, life=life, since=at, reason=reason)

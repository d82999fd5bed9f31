"""What an agent becomes when something is seen of it."""

from typing import assert_never

from msgspec.structs import replace

from command_center.domain import events as ev
from command_center.domain.ladder import detail, heard, of_now, unlimited, verdict, withdrawn
from command_center.domain.model import Agent, Phase, Source, State, Times
from command_center.domain.pleas import is_moot, unasked
from command_center.domain.questions import question_in

_PHASE_STATES = {
    Phase.LAUNCHING: State.STARTING,
    Phase.PARKED: State.PARKED,
    Phase.EXITED: State.EXITED,
    Phase.LOST: State.LOST,
}


def settled(agent: Agent, at: float) -> Agent:
    """`agent` with state, reason, source and since derived from its phase and claims.

    `at` is when the news came; a claim's own time wins where a claim decides.
    """
    if is_moot(agent):
        agent = unasked(agent)
    state, reason, source, when = _judged(agent, at)
    if agent.source is Source.TOOLS and source is not Source.TOOLS:
        # Whoever is believed now may have spoken before it asked.
        when = max(when, at)
    question = agent.plea if source is Source.TOOLS else question_in(agent, state, reason, when)
    limited_until = _limit(agent, state, at)
    if state is agent.state and state is not State.WAITING:
        when = agent.since
    if (state, reason) == (agent.state, agent.reason):
        return replace(agent, source=source, question=question, limited_until=limited_until)
    finished = agent.state is State.BUSY and state in (State.IDLE, State.EXITED, State.LOST)
    is_unseen = finished or (agent.is_unseen and state is not State.BUSY)
    return replace(
        agent,
        state=state,
        reason=reason,
        source=source,
        since=when,
        times=_times(agent, state, when),
        is_unseen=is_unseen,
        question=question,
        limited_until=limited_until,
    )


def _judged(agent: Agent, at: float) -> tuple[State, str, Source, float]:
    """State, reason, source and when: by our own decisions, else by the claim that counts."""
    state = _PHASE_STATES.get(agent.phase)
    if state is None and (claim := verdict(agent.claims)) is not None:
        reason = detail(agent.claims, claim)
        is_pending = claim.state is State.IDLE and agent.comebacks.is_pending
        if claim.state is State.LIMITED or is_pending:
            reason = ", ".join(filter(None, (reason, agent.comebacks.words)))
        return claim.state, reason, claim.source, claim.at
    reasons = {
        State.EXITED: agent.reason,
        State.LOST: "its pane is gone; resume brings it back",
    }
    state = state or State.STARTING
    return state, reasons.get(state, ""), Source.PROCESS, at


def _times(agent: Agent, state: State, when: float) -> Times:
    if state is State.LOST:
        # Nobody saw when it ended: days may have passed since somebody last looked.
        return agent.times
    return agent.times.and_also(agent.state, when - agent.since)


def _limit(agent: Agent, state: State, at: float) -> float:
    if state is State.LIMITED:
        told = (c for c in agent.claims if c.state is State.LIMITED)
        return max((c.until for c in told), default=0.0)
    is_over = state is State.IDLE and agent.limited_until <= at
    return agent.limited_until if is_over else 0.0


def sighted(agent: Agent, event: ev.SightEvent, at: float) -> Agent:
    match event:
        case ev.AgentHidden():
            return replace(agent, is_hidden=True)
        case ev.AgentShown():
            return replace(agent, is_hidden=False)
        case ev.AgentRetagged():
            return replace(agent, order=replace(agent.order, tags=event.tags))
        case ev.AgentSeen():
            return replace(agent, is_unseen=False)
        case ev.BranchBegun():
            order = replace(agent.order, branch=event.branch)
            return replace(agent, order=order, base_commit=event.base_commit, diff=None)
        case ev.ConversationDropped():
            is_learned = event.session != "" and event.session == agent.session
            return replace(
                agent,
                order=replace(agent.order, prompt=""),
                session=event.session,
                former=_former(agent, event.session),
                session_at=at,
                transcript=agent.transcript if is_learned else "",
            )
        case ev.DiffMeasured():
            return replace(agent, diff=event.diff)
        case ev.SessionLearned():
            session = event.session or agent.session
            return replace(
                agent,
                session=session,
                former=_former(agent, session),
                transcript=event.transcript or agent.transcript,
            )
        case _:
            if event.launch != agent.launch:
                return agent
            return settled(_incarnate(agent, event, at), at)


def _former(agent: Agent, session: str) -> tuple[str, ...]:
    """Its conversations but `session`, which is the present one from now on."""
    known = dict.fromkeys((*agent.former, agent.session))
    return tuple(each for each in known if each not in ("", session))


def _incarnate(
    agent: Agent,
    event: ev.ProcessStarted
    | ev.ProcessEnded
    | ev.PaneVanished
    | ev.StateClaimed
    | ev.ClaimWithdrawn
    | ev.LimitEnded,
    at: float,
) -> Agent:
    match event:
        case ev.ProcessStarted():
            return replace(agent, pid=event.pid, pid_start=event.start, started_at=at)
        case ev.ProcessEnded():
            if agent.phase is not Phase.LIVE:
                return agent
            ended = replace(agent, phase=Phase.EXITED, pid=0, pid_start="", claims=())
            # settled() keeps an exited agent's reason; the state differs, so `since` moves.
            return replace(ended, reason=exit_reason(event))
        case ev.PaneVanished():
            if agent.phase is not Phase.LIVE:
                return agent
            return replace(agent, phase=Phase.LOST, pane="", pid=0, pid_start="", claims=())
        case ev.StateClaimed():
            return replace(agent, claims=heard(of_now(agent.claims, at), event.claim))
        case ev.ClaimWithdrawn():
            return replace(agent, claims=withdrawn(agent.claims, event.source))
        case ev.LimitEnded():
            return replace(agent, claims=unlimited(agent.claims, at))
        case _:
            assert_never(event)


def exit_reason(event: ev.ProcessEnded) -> str:
    if event.problem:
        return event.problem
    if event.signal:
        return f"killed by signal {event.signal}"
    return "finished" if event.code == 0 else f"exit code {event.code}"

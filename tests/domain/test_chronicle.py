from command_center.domain import events as ev
from command_center.domain.chronicle import Chronicle, about_agent, event_text
from command_center.domain.model import Claim, Order, Source, State

ORDER = Order("able", "shop", "agents/ada", "HEAD", "/trees/ada", prompt="build it")


def told(*happened: tuple[float, ev.Event]) -> Chronicle:
    chronicle = Chronicle()
    chronicle.feed(ev.Record(seq, at, event) for seq, (at, event) in enumerate(happened, 1))
    return chronicle


def launched(at: float) -> tuple[tuple[float, ev.Event], ...]:
    intended = ev.LaunchIntended("a", "ada", "a-1", ORDER, prompt="p1")
    return (at, intended), (at + 1, ev.PaneOpened("a", "a-1", "%1"))


def claimed(at: float, state: State, reason: str = "") -> tuple[float, ev.Event]:
    claim = Claim(Source.PUBLISHED, state, at, reason, f"state.json says {state}")
    return at, ev.StateClaimed("a", "a-1", claim)


def test_a_lane_tells_the_state_at_any_time_and_its_proof() -> None:
    chronicle = told(
        *launched(100),
        claimed(110, State.BUSY),
        claimed(120, State.WAITING, "permission"),
        claimed(130, State.BUSY),
    )
    lane = chronicle.lanes["a"]
    assert lane.span_at(99) is None
    states = [lane.span_at(at) for at in (100, 115, 120, 129.9, 1000)]
    assert [span and span.state for span in states] == [
        State.STARTING,
        State.BUSY,
        State.WAITING,
        State.WAITING,
        State.BUSY,
    ]
    waiting = lane.span_at(125)
    assert waiting is not None
    assert (waiting.reason, waiting.source, waiting.seq) == ("permission", Source.PUBLISHED, 4)
    assert waiting.evidence == "state.json says waiting"
    assert (chronicle.begin, chronicle.end, chronicle.seq) == (100, 130, 5)


def test_a_claim_that_changes_nothing_begins_no_span() -> None:
    chronicle = told(*launched(100), claimed(110, State.BUSY), claimed(120, State.BUSY))
    assert [span.at for span in chronicle.lanes["a"].spans] == [100, 110]


def test_a_removed_agent_keeps_its_lane_to_its_end() -> None:
    chronicle = told(
        *launched(100), (105, ev.RemovalIntended("a")), (110, ev.AgentRemoved("a", {}))
    )
    lane = chronicle.lanes["a"]
    assert lane.span_at(109) is not None
    assert lane.span_at(111) is None


def test_what_happened_is_marked() -> None:
    chronicle = told(
        *launched(100),
        (110, ev.PromptQueued("a", "p2", "go on")),
        (111, ev.PromptUnsent("a", "p2", "no proof")),
        claimed(112, State.LIMITED, "resets at 15:00"),
        (113, ev.Noticed("setup failed", "a", is_problem=True)),
        (114, ev.Noticed("nobody's")),
    )
    marks = [(mark.at, mark.kind, mark.text) for mark in chronicle.lanes["a"].marks]
    assert marks == [
        (100, "prompt", "build it"),
        (110, "prompt", "go on"),
        (111, "problem", "no proof"),
        (112, "limit", "resets at 15:00"),
        (113, "problem", "setup failed"),
    ]


def test_times_never_fall_when_the_clock_was_set_back() -> None:
    chronicle = told(*launched(100), claimed(50, State.BUSY), claimed(120, State.IDLE))
    assert [span.at for span in chronicle.lanes["a"].spans] == [100, 101, 120]


def test_an_event_is_told_with_all_its_fields() -> None:
    text = event_text(ev.PromptQueued("a", "p2", "go on"))
    assert '"type": "PromptQueued"' in text
    assert '"text": "go on"' in text
    assert about_agent(ev.Noticed("x")) == ""

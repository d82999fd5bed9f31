"""A list of agents made by hand, which remembers the lines it painted."""

from collections.abc import Iterator

from textual.app import App, ComposeResult
from textual.strip import Strip

from command_center.domain.model import Agent, Fleet, Order, Repo, State
from command_center.tui.fleet_list import FleetList


def agent(
    name: str,
    state: State = State.BUSY,
    *,
    repo: str = "shop",
    created: float = 0.0,
    task: str = "",
    unseen: bool = False,
    hidden: bool = False,
) -> Agent:
    order = Order("able", repo, f"agents/{name}", "HEAD", f"/trees/{name}", prompt=task)
    return Agent(
        name, name, order, created, state=state, since=1.0, is_unseen=unseen, is_hidden=hidden
    )


def fleet_of(*agents: Agent) -> Fleet:
    repos = {name: Repo(name, name, "", "") for name in {a.order.repo for a in agents}}
    return Fleet(seq=1, agents={a.id: a for a in agents}, repos=repos)


class Counting(FleetList):
    """Remembers which lines were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y + self.scroll_offset.y)
        return super().render_line(y)


class ListApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Counting()

    @property
    def fleet_list(self) -> Counting:
        return self.query_one(Counting)


HUNDRED = tuple(agent(f"a{number:03}", created=number, task="work") for number in range(100))


def with_task(which: int, task: str) -> tuple[Agent, ...]:
    changed = agent(f"a{which:03}", created=which, task=task)
    return (*HUNDRED[:which], changed, *HUNDRED[which + 1 :])


def visible(app: ListApp) -> Iterator[str]:
    widget = app.fleet_list
    for y in range(widget.size.height):
        yield widget.render_line(y).text.rstrip()

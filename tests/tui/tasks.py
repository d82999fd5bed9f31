"""A backlog in every part of its life, by the events that bring it there."""

from msgspec.structs import replace

from command_center.domain import events as ev, task_events as tev
from command_center.domain.model import State
from command_center.domain.tasks import Brief, Check, Judge, Life, TaskKind
from tests.tui.world import World

COMMAND = Check(Judge.COMMAND, ("pytest", "-q"))


def task(
    world: World,
    number: int,
    title: str,
    life: Life = Life.QUEUED,
    *,
    agent: str = "",
    held: str = "",
    ago: float = 0.0,
    output: str = "",
    files: tuple[str, ...] = (),
    brief: Brief | None = None,
) -> str:
    """Bring a task into `life`; `held` is why it waits for the user. Its id is `T` and `number`."""
    name = f"T{number}"
    made = replace(brief or Brief(""), title=title, repo="shop")
    is_queued = life is not Life.DRAFT
    world.happen(tev.TaskAdded(name, made, "dashboard", is_queued), ago=ago + 600)
    if life in (Life.DRAFT, Life.QUEUED):
        if held:
            world.happen(tev.TaskHeld(name, held), ago=ago)
        return name
    branch = f"tasks/t{number}"
    world.happen(tev.TaskAssigned(name, agent, "it has been idle the longest", branch), ago=ago)
    prompt = f"p{number}"
    world.happen(
        ev.PromptQueued(agent, prompt, made.words),
        tev.TaskPrepared(name, prompt, branch, "1" * 40),
        ev.BranchBegun(agent, branch, "1" * 40),
        ago=ago + 500,
    )
    if life is Life.ASSIGNED:
        return name
    started = world.now - ago - 400
    world.happen(ev.PromptAccepted(agent, prompt, "it works on it"), ago=ago + 400)
    world.happen(tev.TaskStarted(name, started), ago=ago + 400)
    if life is not Life.RUNNING:
        world.happen(ev.PromptFinished(agent, prompt, "its turn is over"), ago=ago + 100)
        world.happen(tev.CheckIntended(name), ago=ago + 100)
    if life is Life.REVIEW or (life.is_over and life is not Life.FAILED):
        world.happen(tev.CheckPassed(name, output, "its command", files), ago=ago)
    elif output:
        world.happen(tev.CheckFailed(name, output), ago=ago)
    if held:
        world.happen(tev.TaskHeld(name, held), ago=ago)
    endings: dict[Life, tev.TaskEvent] = {
        Life.MERGED: tev.TaskAccepted(name),
        Life.ANSWERED: tev.TaskAccepted(name),
        Life.DISCARDED: tev.TaskDiscarded(name),
        Life.FAILED: tev.TaskFailed(name, "three agents gave up"),
    }
    if life in endings:
        world.happen(endings[life], ago=ago)
    return name


def backlog(world: World) -> None:
    """Five agents of one repository, and tasks of all kinds."""
    world.repo("shop")
    for number, name in enumerate(("ada", "bell", "cleo", "dora")):
        state = State.BUSY if number < 2 else State.IDLE
        world.agent(name, state, ago=60 * number + 30, task="")
    task(
        world,
        1,
        "Read the parser and say what is slow",
        Life.ANSWERED,
        agent="dora",
        ago=900,
        brief=Brief("", kind=TaskKind.RESEARCH),
    )
    task(
        world,
        2,
        "Cache the tokens",
        Life.REVIEW,
        agent="cleo",
        ago=300,
        files=("src/tokens.py", "tests/test_tokens.py"),
        output="12 passed in 0.8s\n",
        brief=Brief("", check=COMMAND),
    )
    task(
        world,
        3,
        "Fix the flaky checkout test that fails every other night",
        Life.RUNNING,
        agent="ada",
        ago=20,
        brief=Brief("", kind=TaskKind.BUGFIX, check=COMMAND),
    )
    task(
        world,
        4,
        "Add dark mode to the settings page",
        Life.CHECK,
        agent="bell",
        ago=70,
        held="waits for your yes",
        brief=Brief("", prompt="Every colour from the theme."),
    )
    task(world, 5, "Port the settings to TOML", brief=Brief("", needs=("T4",), priority=2))
    task(world, 6, "Document the settings", brief=Brief("", needs=("T5",)))
    task(
        world,
        7,
        "Speed up the search",
        brief=Brief("", touches=("src/search/*",), niche="frontier"),
    )
    task(world, 8, "日本語のドキュメントを書く", Life.DRAFT)
    task(world, 9, "Remove dead flags", Life.DISCARDED, agent="dora", ago=5000)
    world.happen(tev.PlacementProposed("T7", "dora", "it worked on src/search/index.py"))

"""Launches and resumes agents. Every step looks first, so a crash in between is taken up again."""

import asyncio
import shutil
from pathlib import Path

from command_center.domain import events as ev
from command_center.domain.errors import CommandCenterError, GitError, LaunchError
from command_center.domain.model import Agent, Delivery, Repo
from command_center.domain.specs import AgentSpec, First
from command_center.domain.text import plain
from command_center.drivers.git import uncommitted_count
from command_center.drivers.host import run_limited
from command_center.drivers.include import include_files
from command_center.drivers.ptyproxy import proxy_command
from command_center.drivers.tmux import Panes
from command_center.drivers.worktrees import Worktree, refresh_index
from command_center.engine.adoption import keep_record
from command_center.engine.core import Engine
from command_center.engine.nursery import demand_memory
from command_center.engine.recipes import launch_file, recipe_for, values_for
from command_center.store.settings import ProjectSettings, read_project_settings
from command_center.store.trust import PROJECT_FOLDER, TrustStore

DIRT_SECONDS = 5.0
"""How long a count of the main checkout's uncommitted changes is good for."""
REFRESH_AFTER = 1.5
"""Seconds until git can tell a fresh file from a changed one."""
REFRESHES_AT_ONCE = 2


class Launcher:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._refreshes = asyncio.Semaphore(REFRESHES_AT_ONCE)
        self._dirt: dict[str, tuple[float, asyncio.Future[int]]] = {}

    def start(self, agent: str, base: str = "") -> None:
        """Carry a LaunchIntended or ResumeIntended out, from wherever it stands.

        `base` is the commit that the order's own base means now, where that is known.
        """
        self._engine.act(agent, self.carry_out(agent, base))

    async def carry_out(self, name: str, base: str = "") -> None:
        """The same as a part of another action on the agent."""
        engine = self._engine
        agent = engine.fleet.agents[name]
        resumes = _was_live(agent) and has_conversation(agent)
        try:
            demand_memory(engine.settings.dispatch)
            if not agent.base_commit:
                agent = await self._make_worktree(agent, base)
            await self._open_pane(agent, resumes=resumes)
        except (CommandCenterError, OSError) as error:
            await self._fail(engine.fleet.agents[name], str(error))
            return
        agent = engine.fleet.agents[name]
        if agent.intent:
            where = f"{agent.order.branch} in {agent.order.worktree}"
            engine.record(ev.IntentDone(agent.intent, agent.id, "; ".join((where, *agent.notes))))
        if agent.id in engine.fresh:
            engine.later(self._refresh(agent))

    async def _refresh(self, agent: Agent) -> None:
        """Once the files have aged, and no other launch needs the machine for itself."""
        engine = self._engine
        await asyncio.sleep(REFRESH_AFTER)
        await engine.settle()
        async with self._refreshes:
            try:
                await refresh_index(Path(agent.order.worktree))
            except GitError as error:
                engine.record(ev.Noticed(str(error), agent.id, is_problem=True))
        engine.fresh.discard(agent.id)

    async def _make_worktree(self, agent: Agent, base: str) -> Agent:
        engine, order = self._engine, agent.order
        repo, path = engine.fleet.repos[order.repo], Path(order.worktree)
        engine.spec(agent)
        await engine.worktrees.clear_unfinished(repo, path, order.branch)
        path.parent.mkdir(parents=True, exist_ok=True)
        made = await engine.worktrees.add(
            repo, path, order.branch, base or order.base, is_ready=False
        )
        try:
            await include_files(repo, path)
            await self._set_up(repo, path)
        except BaseException:
            await engine.worktrees.clear_unfinished(repo, path, order.branch)
            raise
        notes = made.notes if order.base != "HEAD" else (*made.notes, *await self._left_out(repo))
        engine.fresh.add(agent.id)
        engine.record(ev.WorktreeAdded(agent.id, made.commit, notes))
        return engine.fleet.agents[agent.id]

    async def _left_out(self, repo: Repo) -> tuple[str, ...]:
        """A note on changes that only the main checkout has; one look serves a whole batch."""
        now = self._engine.clock()
        looked_at, look = self._dirt.get(repo.id, (0.0, None))
        if look is None or now - looked_at > DIRT_SECONDS:
            look = asyncio.ensure_future(uncommitted_count(repo))
            self._dirt[repo.id] = (now, look)
        count = await asyncio.shield(look)
        return (f"{count} uncommitted changes of {repo.root} are not in it",) if count else ()

    async def _set_up(self, repo: Repo, path: Path) -> None:
        settings = self._project_settings(repo)
        if settings.setup:
            await run_limited(settings.setup_argv, path, settings.setup_timeout_s)

    def _project_settings(self, repo: Repo) -> ProjectSettings:
        folder = Path(repo.root) / PROJECT_FOLDER
        if repo.is_bare or not folder.is_dir():
            return ProjectSettings()
        if not TrustStore(self._engine.places.trust).trusts(folder):
            return ProjectSettings()
        return read_project_settings(folder / "config.toml")

    async def _open_pane(self, agent: Agent, *, resumes: bool) -> None:
        engine = self._engine
        if not isinstance(await engine.tmux.panes(), Panes):
            await engine.ensure_tmux()
        if pane := await self._standing_pane(agent):
            engine.record(ev.PaneOpened(agent.id, agent.launch, pane))
            return
        spec = engine.spec(agent)
        argv = self._prepare(agent, spec, resumes=resumes)
        self._count_argument_as_typed(agent, spec)
        repo = engine.fleet.repos[agent.order.repo]
        engine.worktrees.finish(repo, Path(agent.order.worktree))
        window = await engine.tmux.new_window(
            agent.name,
            argv,
            cwd=Path(agent.order.worktree),
            size=(agent.order.columns, agent.order.rows),
            agent=agent.id,
            launch=agent.launch,
        )
        engine.record(ev.PaneOpened(agent.id, agent.launch, window.pane_id))

    async def _standing_pane(self, agent: Agent) -> str:
        """The pane that an interrupted launch did open; empty when it did not come so far."""
        seen = await self._engine.tmux.panes()
        if not isinstance(seen, Panes):
            raise LaunchError(f"tmux does not answer: {seen.reason}; try again")
        tagged = (p for p in seen.panes if (p.agent, p.launch) == (agent.id, agent.launch))
        return next((p.pane_id for p in tagged), "")

    def _prepare(self, agent: Agent, spec: AgentSpec, *, resumes: bool) -> list[str]:
        """Writes the launch's files; returns the words tmux runs."""
        engine = self._engine
        repo = engine.fleet.repos[agent.order.repo]
        values = values_for(spec, agent, repo, engine.places, engine.environ)
        recipe = recipe_for(
            spec,
            agent,
            values,
            engine.environ,
            resumes=resumes,
            has_tools=bool(engine.scopes_of(agent)),
        )
        folder = engine.places.agent(agent.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in recipe.files.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, "utf-8")
        keep_record(folder, agent)
        launch = folder / "launch.json"
        launch.write_bytes(launch_file(agent, recipe))
        return proxy_command(str(launch))

    def _count_argument_as_typed(self, agent: Agent, spec: AgentSpec) -> None:
        if spec.prompt.first is First.ARGV and agent.receipts and not _was_live(agent):
            first = agent.receipts[0]
            if first.delivery in (Delivery.QUEUED, Delivery.HELD):
                typed = ev.PromptTyped(agent.id, first.id, "an argument of the command line")
                self._engine.record(typed)

    async def _fail(self, agent: Agent, problem: str) -> None:
        engine = self._engine
        was_resume = _was_live(agent)
        if not was_resume and agent.base_commit:
            problem += await self._unmade(agent)
        events: list[ev.Event] = [ev.LaunchFailed(agent.id, plain(problem), was_resume)]
        if agent.intent:
            events.append(ev.IntentRefused(agent.intent, plain(problem), agent.id))
        engine.record(*events)

    async def _unmade(self, agent: Agent) -> str:
        """Takes the worktree of a failed launch away; what to say when that would lose work."""
        worktrees, order = self._engine.worktrees, agent.order
        repo, path = self._engine.fleet.repos[order.repo], Path(order.worktree)
        try:
            if not await worktrees.clear_unfinished(repo, path, order.branch):
                await worktrees.abandon(repo, Worktree(path, order.branch, agent.base_commit))
        except GitError as error:
            return f"; its worktree stays: {error}"
        shutil.rmtree(self._engine.places.agent(agent.id), ignore_errors=True)
        return ""


def _was_live(agent: Agent) -> bool:
    """Whether an earlier incarnation of it ran."""
    return agent.incarnation > 1


def has_conversation(agent: Agent) -> bool:
    """Whether the CLI has something to go on with: a CLI refuses a session never prompted."""
    taken = (Delivery.ACCEPTED, Delivery.FINISHED)
    return agent.session != "" and (
        any(r.delivery in taken and r.changed_at >= agent.session_at for r in agent.receipts)
        or (agent.transcript != "" and Path(agent.transcript).exists())
    )

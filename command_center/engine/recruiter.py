"""Decides what becomes of a launch: what the new agent is called, and where it begins."""

import secrets
import uuid

from command_center.domain import events as ev, intents as want
from command_center.domain.budget_events import BudgetSet
from command_center.domain.errors import IntentError
from command_center.domain.model import Fleet, Order, Repo
from command_center.domain.names import free_name, slug
from command_center.domain.scopes import checked_scopes
from command_center.domain.tags import checked
from command_center.drivers.git import open_repository
from command_center.drivers.refs import resolve, short_refs
from command_center.engine.core import Engine
from command_center.engine.launcher import Launcher
from command_center.engine.recipes import find_binary


class Recruiter:
    def __init__(self, engine: Engine, launcher: Launcher) -> None:
        self._engine = engine
        self._launcher = launcher
        self._repos: dict[str, Repo] = {}
        """By the path that was asked for."""
        self._branches: dict[str, set[str]] = {}
        self._commits: dict[tuple[str, str], str] = {}
        """By repository, and by repository and ref, as read for the intents that lay together."""

    def look_again(self) -> None:
        """What was read of branches and commits may be old by now."""
        self._branches.clear()
        self._commits.clear()

    async def take(self, intent: want.Launch, taken: ev.IntentTaken) -> None:
        """Raises CommandCenterError when nobody can be launched so."""
        engine = self._engine
        if "\0" in intent.prompt:
            raise IntentError("the prompt holds a NUL byte, which no program takes; leave it out")
        if intent.prompt.strip() and (reason := engine.why_no_launch()):
            raise IntentError(f"{reason}; launch it without a prompt, or `acc budget raise`")
        repo = await self._opened(intent.repo)
        spec = engine.catalog(repo).spec(intent.spec)
        find_binary(spec, engine.environ)
        commit = await self._commit(repo, intent.base)
        name = _name(engine.fleet, intent)
        identity = f"{name}-{secrets.token_hex(3)}"
        intended = ev.LaunchIntended(
            identity,
            name,
            secrets.token_hex(4),
            self._order(intent, repo, name, identity),
            session=str(uuid.uuid4()) if spec.launch.presets_session else "",
            prompt=secrets.token_hex(4) if intent.prompt.strip() else "",
            intent=taken.intent,
        )
        known = [] if repo.id in engine.fleet.repos else [ev.RepositoryAdded(repo)]
        own = [BudgetSet(f"agent:{identity}", intent.budget, "launch")] if intent.budget else []
        engine.record(taken, *known, intended, *own)
        self._launcher.start(identity, commit)

    async def _opened(self, path: str) -> Repo:
        repo = self._repos.get(path) or await open_repository(path)
        self._repos[path] = repo
        if repo.id not in self._branches:
            self._engine.forget_catalogs()
            self._branches[repo.id] = set(await short_refs(repo, "refs/heads"))
        return repo

    async def _commit(self, repo: Repo, base: str) -> str:
        if (asked := (repo.id, base)) not in self._commits:
            self._commits[asked] = await resolve(repo, base)
        return self._commits[asked]

    def _order(self, intent: want.Launch, repo: Repo, name: str, identity: str) -> Order:
        resumes = self._engine.settings.limits.resume
        return Order(
            spec=intent.spec,
            repo=repo.id,
            branch=self._branch(repo, intent, name),
            base=intent.base,
            worktree=str(self._engine.worktree_folder(repo) / identity),
            prompt=intent.prompt,
            model=intent.model,
            mode=intent.mode,
            trusts_repo=intent.trusts_repo,
            comes_back=resumes if intent.comes_back is None else intent.comes_back,
            columns=intent.columns,
            rows=intent.rows,
            tags=checked(intent.tags),
            scopes=_scopes(intent),
        )

    def _branch(self, repo: Repo, intent: want.Launch, name: str) -> str:
        template = intent.branch or self._engine.settings.branch
        try:
            branch = template.format(name=name, spec=intent.spec, slug=slug(intent.prompt))
        except (KeyError, IndexError, ValueError) as error:
            known = "{name}, {spec} and {slug}"
            raise IntentError(
                f"branch template {template!r}: {error}; it may hold {known}"
            ) from None
        if intent.branch and "{" not in intent.branch:
            return branch
        planned = {a.order.branch for a in self._engine.fleet.agents.values()}
        taken = planned | self._branches[repo.id]
        number, free = 2, branch
        while free in taken:
            free, number = f"{branch}-{number}", number + 1
        return free


def _name(fleet: Fleet, intent: want.Launch) -> str:
    if not intent.name:
        return free_name(fleet.names)
    name = slug(intent.name, 32)
    if name != intent.name:
        wanted = "up to 32 lower-case letters, digits and '-'"
        raise IntentError(f"agent name {intent.name!r}: use {wanted}")
    if name in {agent.name for agent in fleet.agents.values()}:
        raise IntentError(f"an agent named '{name}' exists; choose another name")
    return name


def _scopes(intent: want.Launch) -> tuple[str, ...] | None:
    try:
        return None if intent.scopes is None else checked_scopes(intent.scopes)
    except ValueError as error:
        raise IntentError(str(error)) from None

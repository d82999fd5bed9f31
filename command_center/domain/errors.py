"""Every error we raise on purpose, in one tree.

    CommandCenterError
    ├── SpecError              an agent spec, layout or config file is wrong
    ├── LaunchError            an agent or a run could not be started
    ├── ExecutorError          a cluster gave no answer of use
    │   ├── ExecutorUnreachable  it did not answer; says nothing about its runs
    │   └── ExecutorBusy       it takes nothing more at present, and has not taken this
    ├── TmuxError
    │   ├── TmuxMissing
    │   ├── TmuxTooOld
    │   └── TmuxUnreachable    the server did not answer; says nothing about panes
    ├── GitError
    │   ├── NotARepository
    │   ├── NoCommits
    │   ├── NoSuchRef
    │   ├── BranchExists
    │   ├── PathTaken
    │   ├── WorktreeNotEmpty   removing it would lose work; carries the list
    │   └── DiskFull
    ├── LogError
    │   └── LogTooNew          written by a newer program
    ├── ModelError             a model that we asked gave no answer that can be used
    │   ├── ModelMissing       no model, or no key for it, was given for the job
    │   └── OverBudget         it was not asked: it could cost more than is left
    ├── MachineError           a driver of the machine gave no answer; says nothing about it
    ├── IntentError            an intent cannot be carried out; the text says why
    ├── NotFound               nothing has the name that was given; the text offers near ones
    └── SupervisorUnreachable  it could not be started, or did not answer in time

A message names the thing, the problem and the way out, on one line.
"""


class CommandCenterError(Exception):
    """Base of every error a user may read."""


class SpecError(CommandCenterError):
    pass


class LaunchError(CommandCenterError):
    pass


class ExecutorError(CommandCenterError):
    pass


class ExecutorUnreachable(ExecutorError):
    pass


class ExecutorBusy(ExecutorError):
    pass


class TmuxError(CommandCenterError):
    pass


class TmuxMissing(TmuxError):
    pass


class TmuxTooOld(TmuxError):
    pass


class TmuxUnreachable(TmuxError):
    pass


class GitError(CommandCenterError):
    pass


class NotARepository(GitError):
    pass


class NoCommits(GitError):
    pass


class NoSuchRef(GitError):
    pass


class BranchExists(GitError):
    pass


class PathTaken(GitError):
    pass


class WorktreeNotEmpty(GitError):
    def __init__(self, message: str, losses: tuple[str, ...]) -> None:
        super().__init__(message)
        self.losses = losses
        """What would be lost, one printable line each."""


class DiskFull(GitError):
    pass


class LogError(CommandCenterError):
    pass


class LogTooNew(LogError):
    pass


class ModelError(CommandCenterError):
    pass


class ModelMissing(ModelError):
    pass


class OverBudget(ModelError):
    pass


class MachineError(CommandCenterError):
    pass


class IntentError(CommandCenterError):
    pass


class NotFound(CommandCenterError):
    pass


class SupervisorUnreachable(CommandCenterError):
    pass

"""Where the repository around a folder begins."""

from pathlib import Path


def repository_root(folder: Path) -> Path | None:
    """The nearest folder upwards that holds a repository; `folder` must be absolute."""
    return next((p for p in (folder, *folder.parents) if _is_repository(p / ".git")), None)


def _is_repository(git: Path) -> bool:
    """A file names a worktree's; an empty folder, as sandboxes leave it behind, is passed over."""
    return git.is_file() or (git / "HEAD").exists()

"""The folder that the agent works in, and what keeps file tools inside it."""

import os
import stat
import tempfile
from pathlib import Path

from command_center.agent.tools.outcome import ToolProblem

LARGEST = 4_000_000
"""Bytes of a file that is read or edited."""
GIT = ".git"


class Ground:
    """Paths are the model's words: a link or a `..` must not lead out, nor into git's own files."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._seen: dict[Path, str] = {}
        """The text of each file when the model last knew it."""

    def path(self, told: str) -> Path:
        """The real path. Raises ToolProblem for one outside."""
        if "\0" in told:
            raise ToolProblem("a path holds no NUL")
        try:
            found = (self.root / Path(told)).resolve()
        except (OSError, RuntimeError) as error:
            raise ToolProblem(f"{told}: {error}") from error
        if not found.is_relative_to(self.root):
            raise ToolProblem(f"{told}: is outside of {self.root}, where nothing may be touched")
        if GIT in found.relative_to(self.root).parts:
            raise ToolProblem(f"{told}: git's own files are left to git")
        return found

    def name(self, path: Path) -> str:
        """As the model should write it."""
        return str(path.relative_to(self.root))

    def read(self, path: Path) -> str:
        """For the model. Raises ToolProblem for what is no text file of a bearable size."""
        self._seen[path] = self.text(path)
        return self._seen[path]

    def text(self, path: Path) -> str:
        """Raises ToolProblem for what is no text file of a bearable size."""
        name = self.name(path)
        try:
            # A FIFO must not hold us, and the last step may have become a link meanwhile.
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(fd, "rb") as file:
                about = os.fstat(fd)
                if not stat.S_ISREG(about.st_mode):
                    raise ToolProblem(f"{name}: is no file")
                if about.st_size > LARGEST:
                    raise ToolProblem(f"{name}: {about.st_size} bytes are too many; search it")
                body = file.read(LARGEST)
        except OSError as error:
            raise ToolProblem(f"{name}: {error.strerror}") from error
        if b"\0" in body[:8192]:
            raise ToolProblem(f"{name}: is binary")
        return body.decode("utf-8", "surrogateescape")

    def demand_known(self, path: Path) -> None:
        """Raises ToolProblem where writing would lose what the model has never seen."""
        if not os.path.lexists(path):
            return
        known = self._seen.get(path)
        if known is None:
            raise ToolProblem(f"{self.name(path)}: exists; read it before you write it anew")
        if self.text(path) != known:
            raise ToolProblem(f"{self.name(path)}: was changed by somebody else; read it again")

    def write(self, path: Path, text: str) -> None:
        """Whole or not at all. Raises ToolProblem."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
            fd, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(text.encode("utf-8", "surrogateescape"))
                Path(half).chmod(mode)
                Path(half).replace(path)
            except OSError:
                Path(half).unlink(missing_ok=True)
                raise
        except (OSError, UnicodeEncodeError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise ToolProblem(f"{self.name(path)}: {why}") from error
        self._seen[path] = text


def _umask() -> int:
    # There is no way to ask for it alone.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

"""Which projects' own files a person has trusted, by content."""

import hashlib
import os
from pathlib import Path

import msgspec

from command_center.domain.errors import SpecError
from command_center.domain.wire import read_json

PROJECT_FOLDER = ".command-center"


class TrustStore:
    """A JSON file of folder → hash of everything in it. Changed files need trust anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def trusts(self, folder: Path) -> bool:
        try:
            return self._read().get(str(folder.resolve())) == content_hash(folder)
        except SpecError:
            return False

    def trust(self, folder: Path) -> None:
        """Raises SpecError for a folder whose content can change from outside."""
        trusted = {**self._read(), str(folder.resolve()): content_hash(folder)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".tmp")
        half.write_bytes(msgspec.json.encode(trusted))
        half.replace(self._file)

    def _read(self) -> dict[str, str]:
        try:
            return read_json(self._file.read_bytes(), dict[str, str])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}


def content_hash(folder: Path) -> str:
    """Over the names and bytes of all files below `folder`, whatever their order on disk.

    Raises SpecError for a symbolic link: what it leads to is not covered.
    """
    digest = hashlib.sha256()
    for file in sorted([folder, *folder.rglob("*")]):
        if file.is_symlink():
            raise SpecError(f"{file}: a symbolic link cannot be trusted; put the file itself there")
        if not file.is_file():
            continue
        body = file.read_bytes()
        digest.update(os.fsencode(file.relative_to(folder)) + b"\0%d\0" % len(body))
        digest.update(body)
    return digest.hexdigest()

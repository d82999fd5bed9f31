"""Which projects' own files a person has trusted, by content."""

import hashlib
from pathlib import Path

import msgspec

PROJECT_FOLDER = ".command-center"


class TrustStore:
    """A JSON file of folder → hash of everything in it. Changed files need trust anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def trusts(self, folder: Path) -> bool:
        return self._read().get(str(folder.resolve())) == content_hash(folder)

    def trust(self, folder: Path) -> None:
        trusted = {**self._read(), str(folder.resolve()): content_hash(folder)}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".tmp")
        half.write_bytes(msgspec.json.encode(trusted))
        half.replace(self._file)

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}


def content_hash(folder: Path) -> str:
    """Over the names and bytes of all files below `folder`, whatever their order on disk."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        body = file.read_bytes()
        digest.update(f"{file.relative_to(folder)}\0{len(body)}\0".encode("utf-8", "replace"))
        digest.update(body)
    return digest.hexdigest()

"""The specs and layouts that come with the program."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal


def shipped(kind: Literal["agents", "layouts"]) -> Traversable:
    """Their folder: inside an installed package, else beside it in a checkout."""
    package = files("command_center")
    inside = package / "_shipped" / kind
    return inside if inside.is_dir() else Path(str(package)).parent / kind

"""A model server for tests that plays the script it finds in the prompt."""

from tests.scripted.exchange import Usage
from tests.scripted.records import Request
from tests.scripted.server import ScriptedModel

__all__ = ["Request", "ScriptedModel", "Usage"]

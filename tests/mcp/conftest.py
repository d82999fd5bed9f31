"""The same supervised command center as the engine's tests have."""

from tests.engine.conftest import center, supervised

__all__ = ["center", "supervised"]

"""A running scripted model."""

from collections.abc import Iterator

import pytest

from tests.scripted import ScriptedModel


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel() as model:
        yield model

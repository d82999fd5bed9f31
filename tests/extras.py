"""Tools of the optional extras, which `scripts/setup.sh` puts into an environment of their own."""

from pathlib import Path

import pytest

EXTRAS = Path(__file__).parent.parent / ".extras"
PYTHON = EXTRAS / "bin" / "python"


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skips a test where one of them could not be installed."""
    missing = [name for name in packages if not any(EXTRAS.glob(f"lib/*/site-packages/{name}"))]
    reason = f"{', '.join(missing)} could not be installed; see scripts/setup.sh"
    return pytest.mark.skipif(bool(missing), reason=reason)

"""Pure values: what Command Center knows and how it changes. No clock, no I/O."""

import sys
from types import ModuleType

if sys.modules.keys().isdisjoint(("msgspec", "typing_extensions")):
    # msgspec prefers this to `typing`, which has all that it asks for since Python 3.11; with
    # `inspect` behind it, it takes a quarter of the time to import the domain.
    sys.modules["typing_extensions"] = ModuleType("typing_extensions")
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]

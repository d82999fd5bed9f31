"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

# A loaded machine is slow, not wrong. In CI the same examples every time: a run must be repeatable.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

# pytest's workers tell every program a size that no terminal here has.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)

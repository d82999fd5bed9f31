"""What the dashboard itself costs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil


class Vitals:
    """Measured only while somebody wants to see them."""

    def __init__(self) -> None:
        self._process: psutil.Process | None = None
        self.text = ""
        """CPU between the last two measurements, as a share of one core, and resident memory."""

    @property
    def is_shown(self) -> bool:
        return self._process is not None

    def toggle(self) -> None:
        # Not at the top: most runs never ask, and it costs the first paint 18 ms.
        import psutil

        self._process = None if self._process else psutil.Process()
        self.measure()

    def measure(self) -> None:
        if self._process is None:
            self.text = ""
            return
        cpu = self._process.cpu_percent(None)
        self.text = f"dashboard {cpu:.0f}% {self._process.memory_info().rss / 1_000_000:.0f} MB"

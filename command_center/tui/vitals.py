"""What the dashboard itself costs."""


class Vitals:
    def __init__(self) -> None:
        # Not at the top: most runs never ask, and it costs the first paint 18 ms.
        import psutil

        self._process = psutil.Process()
        self._process.cpu_percent(None)

    def text(self) -> str:
        """CPU since the last call, as a share of one core, and resident memory."""
        cpu = self._process.cpu_percent(None)
        return f"dashboard {cpu:.0f}% {self._process.memory_info().rss / 1_000_000:.0f} MB"

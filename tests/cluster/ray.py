"""A whole Ray in a folder: a head and one more node, on ports that were free.

Each has two CPUs and a pretended GPU.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import which

import psutil

from tests.cluster.slurm import free_ports

PATIENCE = 120.0
CPUS = 2
PLACE = Path(__file__).parents[2] / ".ray" / "bin"
ENV = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    # A node that is gone is missed within seconds.
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
    # What waits longer has failed, as far as Ray is concerned.
    "RAY_JOB_START_TIMEOUT_SECONDS": "12",
}


def program() -> str | None:
    return which("ray", path=f"{PLACE}:{os.environ['PATH']}")


class Ray:
    """Owns its processes."""

    def __init__(self, ray: str, folder: Path) -> None:
        self._ray = ray
        self.folder = folder
        gcs, self._port, client, *self._agents = free_ports(5)
        self._gcs = f"127.0.0.1:{gcs}"
        self.address = f"http://127.0.0.1:{self._port}"
        self._head_words = (
            *("--head", "--node-ip-address=127.0.0.1", f"--port={gcs}", "--no-monitor"),
            *(f"--dashboard-port={self._port}", f"--ray-client-server-port={client}"),
            f"--temp-dir={folder / 'r'}",
        )
        self._head: psutil.Popen | None = None
        self._node: psutil.Popen | None = None

    def start(self) -> None:
        self.start_head()
        self.start_node()

    def start_head(self) -> None:
        self._head = self._begin("head", 0, *self._head_words)
        self._until(lambda: self._alive() == 1)

    def start_node(self) -> None:
        """No-op while it is there."""
        if self._node is None:
            words = (f"--address={self._gcs}", "--node-ip-address=127.0.0.1")
            self._node = self._begin("node", 1, *words)
        self._until(lambda: self._alive() == 2)

    def stop(self) -> None:
        self.kill_node()
        self.kill_head()

    def kill_head(self) -> None:
        _kill(self._head)
        self._head = None

    def kill_node(self) -> None:
        _kill(self._node)
        self._node = None

    def lose_node(self) -> None:
        """Kill what makes it a node, and nothing that runs on it."""
        assert self._node is not None
        [raylet] = [p for p in self._node.children(recursive=True) if p.name() == "raylet"]
        raylet.kill()
        self._until(lambda: self._alive() == 1)
        self.kill_node()

    def freeze_head(self, is_frozen: bool) -> None:
        """Only what answers over HTTP."""
        assert self._head is not None
        for process in self._head.children(recursive=True):
            # Those that are gone or zombies have nothing to answer.
            with suppress(psutil.Error):
                if "dashboard" in " ".join(process.cmdline()[:3]):
                    process.send_signal(signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def jobs(self) -> dict[str, dict[str, object]]:
        """By their names, as Ray has them."""
        listed: list[dict[str, object]] = self._ask("/api/jobs/")
        return {str(job["submission_id"]): job for job in listed}

    def on_node(self, *statuses: str) -> list[str]:
        """Names of jobs that any node but the head has or had, with these statuses or any."""
        heads = {node["node_id"] for node in self._nodes() if node["is_head_node"]}
        return [
            name
            for name, job in self.jobs().items()
            if job["driver_node_id"] not in {None, *heads}
            and (not statuses or job["status"] in statuses)
        ]

    def _alive(self) -> int:
        try:
            return sum(node["state"] == "ALIVE" for node in self._nodes())
        except (OSError, urllib.error.HTTPError):
            return 0

    def _nodes(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._ask("/api/v0/nodes")["data"]["result"]["result"]
        return found

    def _ask(self, path: str):  # type: ignore[no-untyped-def]  # JSON
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.address + path, timeout=20) as answer:
            return json.load(answer)

    def _begin(self, name: str, number: int, *words: str) -> psutil.Popen:
        agent = f"--dashboard-agent-listen-port={self._agents[number]}"
        common = (f"--num-cpus={CPUS}", "--num-gpus=1", "--object-store-memory=100000000", agent)
        ports = ("--min-worker-port=0", "--max-worker-port=0", "--include-log-monitor=false")
        with (self.folder / f"{name}.out").open("ab") as said:
            return psutil.Popen(
                (self._ray, "start", "--block", *words, *common, *ports, f"--node-name={name}"),
                env={**os.environ, **ENV, "TMPDIR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            said = "\n".join(file.read_text()[-1500:] for file in self.folder.glob("*.out"))
            assert time.monotonic() < deadline, said
            time.sleep(0.2)


def _kill(started: psutil.Popen | None) -> None:
    """It and all below it, none of which gets to say a word."""
    if started is not None:
        every = [*started.children(recursive=True), started]
        for process in every:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(every, 20)

"""The side of Ray's executor that needs no Ray: its settings, its silence, and what nodes keep."""

import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from command_center.domain.errors import ExecutorError, ExecutorUnreachable, SpecError
from command_center.drivers.executors import Job, executor
from command_center.drivers.executors.ray import RayExecutor
from command_center.drivers.minding import node_side


class Elsewhere(BaseHTTPRequestHandler):
    """A server that is no Ray."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests are quiet."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_wrong_table_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"\[executors.lab\]: .*address"):
        executor("lab", {"lab": {"kind": "ray"}})
    with pytest.raises(SpecError, match="as in 'http://head:8265'"):
        executor("lab", {"lab": {"kind": "ray", "address": "head:8265"}})
    table = {"kind": "ray", "address": "http://head:8265", "token_file": str(tmp_path / "no")}
    with pytest.raises(SpecError, match=r"`token_file`: .*No such file"):
        executor("lab", {"lab": table})


async def test_where_nobody_listens_a_run_stays_to_be_submitted(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as closed:
        address = f"http://127.0.0.1:{closed.server_port}"
    lab = RayExecutor("lab", {"address": address})
    job = Job("R1.1", ("true",), str(tmp_path / "R1"), place="/")
    for _ in range(2):
        with pytest.raises(ExecutorUnreachable, match=r"does not answer: .*refused"):
            await lab.submit(job)
    with pytest.raises(ExecutorUnreachable):
        await lab.poll([job.folder])


async def test_what_is_no_ray_is_told_from_one_that_is_silent(elsewhere: str) -> None:
    with pytest.raises(ExecutorError, match="is no Ray cluster that we know") as caught:
        await RayExecutor("lab", {"address": elsewhere}).capacity()
    assert not isinstance(caught.value, ExecutorUnreachable)


def test_a_node_keeps_what_a_job_prints_in_files_of_one_size(tmp_path: Path) -> None:
    size = 2 * node_side.SEGMENT + 7
    with zipfile.ZipFile(tmp_path / "job.pyz", "w") as archive:
        words = f"import os, sys\nos.write(1, b'x' * {size})\nopen(sys.argv[1] + '/here', 'w')\n"
        archive.writestr("__main__.py", words)
    (tmp_path / "node_side.py").write_bytes(Path(node_side.__file__).read_bytes())
    with (tmp_path / "job-driver-a.log").open("wb") as said:
        side = [sys.executable, "-I", "-S", str(tmp_path / "node_side.py"), "a"]
        env = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        subprocess.run(side, stdout=said, env=env, check=True, timeout=60)
    kept = sorted((tmp_path / "command-center" / "a").iterdir())
    assert [file.name for file in kept] == ["000000", "000001", "000002"]
    assert [file.stat().st_size for file in kept] == [node_side.SEGMENT] * 2 + [7]
    assert len([*tmp_path.glob("a-*/here")]) == 1

"""The machine and its processes, as this kernel tells them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from command_center.domain.machine import TreeLoad
from command_center.drivers import machine, memory, processes
from command_center.drivers.host import start_time
from command_center.drivers.machine import Host
from command_center.drivers.processes import STRANGERS_LOOKS, Root, Trees, name_of
from tests.gitrepo import write

BURN = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])\n"
LEAVE = """
import os, signal, sys, time
middle = os.fork()
if middle == 0:
    os.fork()
    time.sleep(600)
sys.stdin.readline()
os.kill(middle, signal.SIGKILL)
os.waitpid(middle, 0)
print("left", flush=True)
time.sleep(600)
"""
"""A grandchild that is nobody's child any more when a line has been read."""
SECONDS = 40.0


@contextmanager
def python(program: str) -> Iterator["subprocess.Popen[bytes]"]:
    """In a process group of its own, of which nothing is left in the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        (sys.executable, "-c", program), stdin=pipe, stdout=pipe, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def looks_until(
    trees: Trees, roots: dict[str, Root], holds: Callable[[dict[str, TreeLoad]], bool]
) -> dict[str, TreeLoad]:
    deadline = time.monotonic() + SECONDS
    while True:
        found = {tree.owner: tree for tree in trees.look(roots, time.monotonic())}
        if holds(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_the_whole_machine_is_told(tmp_path: Path) -> None:
    host = Host((tmp_path / "not" / "yet", tmp_path))
    host.look(time.monotonic() - 1)
    told = host.look(time.monotonic())
    assert len(told.cpus) == os.cpu_count()
    assert 0 <= told.cpu <= 1
    assert 0 < told.memory_available < told.memory_total
    assert [disk.place for disk in told.disks] == [str(tmp_path / "not" / "yet")]
    assert 0 < told.disks[0].free <= told.disks[0].total


def test_a_trees_cpu_and_memory_are_those_of_all_its_processes() -> None:
    with python(BURN) as process:
        roots = {"ada": Root(process.pid, start_time(process.pid))}
        found = looks_until(
            Trees(), roots, lambda told: (told["ada"].cpu or 0) > 0.2 and told["ada"].processes == 2
        )
    assert found["ada"].memory > 5 << 20


def test_the_nearest_root_above_a_process_owns_it() -> None:
    with python(BURN) as process:
        trees = Trees()
        outer = {"me": Root(os.getpid()), "ada": Root(process.pid)}
        looks_until(trees, outer, lambda told: told["ada"].processes == 2)
        assert trees.owner(process.pid) == "ada"
        assert trees.owner(os.getpid()) == "me"


@pytest.mark.skipif(sys.platform != "linux", reason="needs start times of processes")
def test_a_root_whose_number_is_anothers_by_now_owns_nothing() -> None:
    with python(BURN) as process:
        assert Trees().look({"ada": Root(process.pid, "1")}, 1.0) == ()


def test_a_process_that_leaves_its_tree_stays_its_owners() -> None:
    with python(LEAVE) as process:
        trees, roots = Trees(), {"ada": Root(process.pid)}
        looks_until(trees, roots, lambda told: told["ada"].processes == 3)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"left\n"
        [left] = trees.look(roots, time.monotonic())
        assert left.processes == 2


def test_a_process_that_was_a_strangers_is_seen_when_its_owner_is_known() -> None:
    with python(BURN) as process:
        trees = Trees()
        for look in range(STRANGERS_LOOKS // 2):
            assert trees.look({}, float(look)) == ()
        looks_until(trees, {"ada": Root(process.pid)}, lambda told: told["ada"].processes == 2)


def test_a_process_is_named() -> None:
    assert name_of(os.getpid())
    assert name_of(2**22 + 1) == ""


@pytest.mark.parametrize(
    "files",
    [
        {"memory.max": "1000", "memory.current": "700", "memory.stat": "anon 1\ninactive_file 200"},
        {
            "memory/memory.limit_in_bytes": "1000",
            "memory/memory.usage_in_bytes": "700",
            "memory/memory.stat": "cache 1\ntotal_inactive_file 200",
        },
    ],
)
def test_a_container_has_no_more_memory_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    for name, text in files.items():
        write(tmp_path / name, text)
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    assert memory.memory()[:2] == (1000, 500)


def test_a_container_without_a_limit_has_what_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("memory.max", "memory.current", "memory.stat"):
        write(tmp_path / name, {"memory.max": "max", "memory.current": "7"}.get(name, "anon 1"))
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    assert memory.memory().total > 1 << 28


def test_where_the_kernel_has_no_files_psutil_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "PROC", tmp_path / "none")
    monkeypatch.setattr(memory, "PROC", tmp_path / "none")
    monkeypatch.setattr(processes, "PROC", str(tmp_path / "none"))
    host = Host((tmp_path,))
    host.look(time.monotonic() - 1)
    told = host.look(time.monotonic())
    assert len(told.cpus) == os.cpu_count()
    assert told.pressure.cpu is None
    assert told.steal is None
    with python(BURN) as process:
        looks_until(Trees(), {"ada": Root(process.pid)}, lambda each: each["ada"].processes == 2)

"""A whole Slurm in a folder: a controller and two nodes with a pretended GPU each, no root needed.

Everything listens on this machine alone, on ports that were free, and is gone after `stop`.
"""

import getpass
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

NODES = ("n1", "n2")
PATIENCE = 60.0
SBIN = "/usr/sbin:/sbin"
CONF = """\
ClusterName=testing
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={munge}/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0
SlurmdTimeout=3
KillWait=6
MinJobAge=300
MaxJobCount=1000
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
GresTypes=gpu
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port}"
    " CPUs=1 RealMemory=1000 Gres=gpu:fake:1 State=UNKNOWN"
)


class Slurm:
    """Owns its processes. `env` leads the programs of Slurm here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # A socket's path is short.
        self.munge = folder / "m"
        self.env = {"SLURM_CONF": str(folder / "slurm.conf")}
        self._munged: subprocess.Popen[bytes] | None = None
        self._controller: subprocess.Popen[bytes] | None = None
        self._nodes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        self._configure()
        words = [f"--{name}={self.munge / name}" for name in ("socket", "pid-file", "log-file")]
        key = [f"--key-file={self.munge}/key", f"--seed-file={self.munge}/seed"]
        self._munged = self._begin("munged", "--foreground", "--force", *words, *key)
        self._until(lambda: (self.munge / "socket").exists())
        self.start_controller()
        for name in NODES:
            self.start_node(name)
        self._until(lambda: self.states() == ["idle", "idle"])

    def stop(self) -> None:
        if self._controller is not None:
            subprocess.run(["scancel", "--user", getpass.getuser()], env=self._env(), check=False)
        for name in list(self._nodes):
            self.kill_node(name)
        self.stop_controller()
        if self._munged is not None:
            self._munged.kill()
            self._munged.wait()

    def start_controller(self) -> None:
        self._controller = self._begin("slurmctld", "-D")
        self._until(lambda: not self.failed("scontrol", "ping"))

    def stop_controller(self) -> None:
        """It writes down what it knows first; one that is killed forgets its last seconds."""
        if self._controller is not None:
            self._controller.send_signal(signal.SIGCONT)
            self._controller.terminate()
            self._controller.wait()
            self._controller = None

    def freeze_controller(self, is_frozen: bool) -> None:
        assert self._controller is not None
        self._controller.send_signal(signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def limit_queue(self, jobs: int) -> None:
        """Those that are over count for five minutes."""
        conf = self.folder / "slurm.conf"
        conf.write_text(re.sub(r"MaxJobCount=\d+", f"MaxJobCount={jobs}", conf.read_text()))
        self.stop_controller()
        self.start_controller()

    def start_node(self, name: str) -> None:
        self._nodes[name] = self._begin("slurmd", "-D", "-N", name)

    def kill_node(self, name: str) -> None:
        """As a loss of power does: its daemon, and every process of its jobs."""
        node = self._nodes.pop(name)
        node.kill()
        node.wait()
        for pid in self._of_node(name):
            os.kill(pid, signal.SIGKILL)

    def lose(self, name: str) -> None:
        """As above, and the controller is told what it would find out within half a minute."""
        self.kill_node(name)
        self.ask("scontrol", "update", f"nodename={name}", "state=down", "reason=died")

    def ask(self, *argv: str) -> str:
        done = subprocess.run(argv, env=self._env(), capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def failed(self, *argv: str) -> bool:
        try:
            done = subprocess.run(argv, env=self._env(), capture_output=True, timeout=10)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0 or b"DOWN" in done.stdout

    def states(self) -> list[str]:
        """Of the nodes, in their order."""
        return self.ask("sinfo", "--noheader", "--Node", "--format=%T").split()

    def jobs(self) -> list[tuple[str, str]]:
        """Names and states of all jobs that the controller remembers."""
        rows = self.ask("squeue", "--noheader", "--states=all", "--format=%j|%T").splitlines()
        return [(name, state) for name, _, state in (row.partition("|") for row in rows)]

    def all_idle(self) -> None:
        """Nothing runs or waits, and every node is there."""
        self.ask("scancel", "--user", getpass.getuser())
        for name in NODES:
            if name not in self._nodes:
                self.start_node(name)
        self._until(lambda: self.states() == ["idle", "idle"])

    def _configure(self) -> None:
        folder, host = self.folder, socket.gethostname().partition(".")[0]
        for name in ("m", "state", *(f"spool-{node}" for node in NODES)):
            (folder / name).mkdir(mode=0o755)
        self.munge.chmod(0o711)
        (self.munge / "key").write_bytes(os.urandom(128))
        (self.munge / "key").chmod(0o400)
        ports = free_ports(1 + len(NODES))
        rows = [
            NODE.format(name=name, host=host, port=port)
            for name, port in zip(NODES, ports[1:], strict=True)
        ]
        conf = CONF.format(
            host=host,
            port=ports[0],
            user=getpass.getuser(),
            munge=self.munge,
            folder=folder,
            nodes="\n".join(rows),
        )
        (folder / "slurm.conf").write_text(conf)
        gres = [
            f"NodeName={n} Name=gpu Type=fake File=/dev/tty{i + 1}" for i, n in enumerate(NODES)
        ]
        (folder / "gres.conf").write_text("\n".join([*gres, ""]))

    def _begin(self, *argv: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{argv[0]}.out").open("ab") as said:
            return subprocess.Popen(
                argv,
                env=self._env(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.env, "PATH": f"{os.environ['PATH']}:{SBIN}"}

    def _of_node(self, name: str) -> Iterator[int]:
        """Processes of its jobs, and the daemons of their steps."""
        marks = (f"SLURMD_NODENAME={name}".encode(), f"spool-{name}".encode())
        conf = f"SLURM_CONF={self.env['SLURM_CONF']}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                known = (entry / "environ").read_bytes().split(b"\0")
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            is_step = words.startswith(b"slurmstepd") and conf in known
            if (conf in known and marks[0] in known) or (is_step and self._step_of(entry) == name):
                yield int(entry.name)

    def _step_of(self, entry: Path) -> str:
        """The node of a step's daemon: its log or spool is open."""
        try:
            targets = [str(file.readlink()) for file in (entry / "fd").iterdir()]
        except OSError:
            return ""
        return next((n for n in NODES if any(f"slurmd-{n}.log" in t for t in targets)), "")

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, self._complaint()
            time.sleep(0.1)

    def _complaint(self) -> str:
        files = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        return "\n".join(f"{f.name}: {f.read_text(errors='replace')[-1500:]}" for f in files)


def free_ports(count: int) -> Sequence[int]:
    """Held together until all are known, so that none comes twice."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports

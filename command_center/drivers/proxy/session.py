"""The CLI as a process: what to start, how, and how to end all of it."""

import json
import os
import signal
import sys


class Launch:
    """LAUNCH.json. Raises OSError, ValueError, LookupError, TypeError or AttributeError."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            told = json.load(file)
        self.agent = str(told["agent"])
        self.launch = str(told["launch"])
        self.argv = [str(word) for word in told["argv"]]
        self.program = self.argv[0]
        self.cwd = str(told["cwd"])
        self.inbox = str(told["inbox"])
        laid = {**os.environ, **told["env"]}
        self.env = {name: str(value) for name, value in laid.items() if value is not None}


def process_start(pid: int) -> str:
    """When the process started, in clock ticks since boot; empty where /proc does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode()
    except OSError:
        return ""


def answers(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def session_groups(leader: int, master: int) -> set[int]:
    """The process groups alive in the CLI's session; zombies are not.

    Without /proc: those of the leader and of the pty's foreground, zombies included.
    """
    if not os.path.exists("/proc/self/stat"):
        return {group for group in (leader, os.tcgetpgrp(master)) if group > 0 and answers(group)}
    groups = set()
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, _, group, session = file.read().rpartition(b")")[2].split()[:4]
        except (OSError, ValueError):  # not a process, or gone since
            continue
        if int(session) == leader and state not in b"ZX":
            groups.add(int(group))
    return groups


def hang_up_with_parent(parent: int) -> None:
    """Have the kernel end the CLI when the proxy is killed, for those that ignore a hang-up."""
    if sys.platform == "linux":
        import ctypes  # in the child only: the proxy does without its memory

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(127)


def become(launch: Launch, slave: int, parent: int) -> None:
    os.login_tty(slave)
    # Python ignores the first two, and exec would keep it so; the others must work before it.
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    hang_up_with_parent(parent)
    os.execvpe(launch.program, launch.argv, launch.env)


def spawn(launch: Launch, slave: int) -> tuple[int, str]:
    """Start the CLI as leader of a session on `slave`: its pid, and why exec failed if it did."""
    told, tell = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            become(launch, slave, parent)
        except (OSError, ValueError, ImportError, AttributeError) as error:
            os.write(tell, f"{launch.program}: {error}".encode("utf-8", "replace"))
        finally:
            os._exit(127)
    os.close(tell)
    with open(told, "rb") as pipe:
        return pid, pipe.read().decode()


def strike(groups: set[int], number: int) -> None:
    for group in groups:
        for each in (number, signal.SIGCONT):  # a stopped process hears nothing but SIGKILL
            try:
                os.killpg(group, each)
            except OSError:
                break

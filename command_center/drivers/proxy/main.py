"""One run of the pty proxy, from its launch file to its exit status."""

import os
import signal
import sys
import termios
import time

from command_center.drivers.proxy.loop import Proxy
from command_center.drivers.proxy.reports import Reports
from command_center.drivers.proxy.session import Launch, process_start, spawn
from command_center.drivers.proxy.terminal import Pane


def wake_on_signals() -> int:
    """A descriptor from which the numbers of the signals we live by can be read."""
    wake, write_end = os.pipe()
    for end in (wake, write_end):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGWINCH, signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return wake


def serve(launch: Launch, reports: Reports) -> tuple[int | None, str]:
    """Run the CLI to its end: its exit code, negative for a signal, or why it did not start."""
    wake = wake_on_signals()
    try:
        os.chdir(launch.cwd)  # here too: tmux opens new panes in the folder of the process it knows
        pane = Pane()
        master, slave = pane.open_pty()
        # We keep the slave: a CLI that closes its terminal for a while does not end it.
        pid, failure = spawn(launch, slave)
    except (OSError, ValueError, termios.error) as error:
        return None, str(error)
    if failure:
        return None, failure
    reports.process("started", pid=pid, start=process_start(pid))
    pane.make_raw()
    code = Proxy(pid, master, reports).run(wake)
    pane.restore()
    return code, ""


LINGER_SECONDS = 0.15
"""tmux 3.3 drops the last words of a program that ends right after them."""


def main(arguments: list[str]) -> int:
    status = _run(arguments)
    sys.stderr.flush()
    time.sleep(LINGER_SECONDS)
    return status


def _run(arguments: list[str]) -> int:
    try:
        launch = Launch(arguments[0])
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        sys.stderr.write(f"ptyproxy: {arguments}: {error!r}\n")
        return 2
    reports = Reports(launch.inbox, launch.agent, launch.launch)
    code, failure = serve(launch, reports)
    if failure:
        reports.process("failed", error=failure)
        sys.stderr.write(f"ptyproxy: {failure}\n")
        return 127
    ended_by = -code if code is not None and code < 0 else None
    reports.process("exited", code=None if ended_by else code, signal=ended_by)
    if reports.lost:
        sys.stderr.write(f"ptyproxy: signals were lost: {reports.lost}\n")
    return 128 + ended_by if ended_by else 1 if code is None else code

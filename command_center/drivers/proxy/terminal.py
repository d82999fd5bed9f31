"""The terminals on both sides of the proxy: the pane's, which is ours, and the CLI's pty."""

import fcntl
import os
import termios


def copy_size(master: int) -> None:
    """Give the CLI's pty the pane's size, in cells and in pixels. Raises OSError without a pane."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))


class Pane:
    """The terminal on descriptors 0 and 1. Raises termios.error when it is none."""

    def __init__(self) -> None:
        self._mode = termios.tcgetattr(0)

    def open_pty(self) -> tuple[int, int]:
        """Master and slave of a new pty of the pane's mode and size."""
        master, slave = os.openpty()
        os.set_blocking(master, False)
        copy_size(master)
        termios.tcsetattr(slave, termios.TCSANOW, self._mode)
        return master, slave

    def make_raw(self) -> None:
        """Pass every byte as it is, and never make the proxy wait."""
        *_, in_speed, out_speed, characters = self._mode
        control = self._mode[2] & ~termios.PARENB | termios.CS8
        termios.tcsetattr(0, termios.TCSANOW, [0, 0, control, 0, in_speed, out_speed, characters])
        for fd in (0, 1):
            os.set_blocking(fd, False)

    def restore(self) -> bool:
        """Put everything back as it was; whether the pane was still there."""
        try:
            termios.tcsetattr(0, termios.TCSANOW, self._mode)
        except termios.error:
            return False
        for fd in (0, 1):
            os.set_blocking(fd, True)
        return True

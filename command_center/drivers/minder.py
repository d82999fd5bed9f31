"""Minds one run on this machine until nothing of it is left, whoever else dies meanwhile.

    python -I -S minder.py FOLDER

Started by the local executor, and independent of it from then on: a session of its own, the
standard library only, and files in FOLDER for everything said and heard.

    job.json       what to run: argv, env, cwd, limits
    claim          locked as long as a minder lives
    started.json   the pids, written before the command begins
    cancel         written by others: why it is to end
    now.json       its time and memory so far
    log.txt        what the command prints
    end.json       how it ended, written when nothing of it runs any more

Returns when the command has been started, and the minder goes on behind. A second one in the
same folder does nothing.
"""

import sys


def minder_command(folder: str) -> list[str]:
    """The argv that starts the job described in `folder`."""
    return [sys.executable, "-I", "-S", __file__, folder]


if __name__ == "__main__":
    # Behind the standard library, so that no module here or beside us can stand in for one of it.
    sys.path.append(__file__.rpartition("/command_center/")[0])
    from command_center.drivers.minding.main import main

    sys.exit(main(sys.argv[1]))

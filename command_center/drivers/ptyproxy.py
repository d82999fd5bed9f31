"""The program between a tmux pane and an agent's CLI: run it by path.

    python -I -S ptyproxy.py LAUNCH.json

It runs the CLI on a pty of its own, passes every byte both ways unchanged, answers the query of
the Program Status Protocol (OSC 7501, superlogical.com/rex, revision 0.3) before tmux can answer
the DA1 sent with it, reports what the CLI says of itself as files in an inbox, and leaves nothing
of the CLI's session alive behind it. `-I` keeps the modules beside this file off
`sys.path`; its parts are modules so that Python keeps them compiled.

LAUNCH.json: {"v": 1, "agent": str, "launch": str, "argv": [str], "cwd": path, "inbox": path,
"env": {name: str | null}}; `env` is laid over the pane's, null removes. Exit status: the CLI's,
128 + n when signal n ended it, 127 when it could not be started, 2 for an unreadable LAUNCH.json.
"""

import sys


def proxy_command(launch: str) -> list[str]:
    """The argv that runs the CLI described in the file `launch` behind a proxy."""
    return [sys.executable, "-I", "-S", __file__, launch]


if __name__ == "__main__":
    # Behind the standard library, so that no module here or beside us can stand in for one of it.
    sys.path.append(__file__.rpartition("/command_center/")[0])
    from command_center.drivers.proxy.main import main

    sys.exit(main(sys.argv[1:]))

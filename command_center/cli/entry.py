"""Where the program begins. `acc` alone opens the dashboard without loading the command line."""

import gc
import os
import sys


def main() -> None:
    # The shell asks for completions with no arguments, through a variable such as _ACC_COMPLETE.
    is_completing = any(name.startswith("_") and name.endswith("_COMPLETE") for name in os.environ)
    if len(sys.argv) > 1 or is_completing:
        from command_center.cli.main import main as run_command

        run_command()
    sys.exit(_dashboard())


def _dashboard() -> int:
    # The app turns it on again after its first paint: a start without is a tenth quicker.
    gc.disable()
    from command_center.cli.dashboard import open_dashboard
    from command_center.domain.errors import CommandCenterError

    try:
        return open_dashboard()
    except CommandCenterError as error:
        from command_center.cli.codes import code_of
        from command_center.cli.out import problem

        problem(str(error))
        return code_of(error)


if __name__ == "__main__":
    main()

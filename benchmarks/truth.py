"""How often and how soon our verdict about real agent CLIs is right.

    python -m benchmarks.truth [CLI ...] [--each N] [--seconds S] [--seed N] [--short] [--keep]

Real CLIs (all that tests/agents/install.sh has installed, unless named) are led through a seeded
random script on the scripted model. One that is named, or that `make bench` installs, and is not
there fails the run. Its requests and the keys pressed are the truth;
tests/truth/driver.py has the rules for what cannot be known. Our verdict is sampled ten times a
second from the read view; nothing is judged in the first 300 ms after a change. A wait counts as
missed when no sample says so while it lasts.

On the same screens, at the same moments: the rule "busy while the screen has changed in the last
2 s, else idle", which has no word for waiting, and the status detector of cli-agent-orchestrator
where tests/truth/cao.py finds it installed. Its own monitor shows it settled screens only, so
between two verdicts its last one stands. Neither is judged on dead agents, nor a peer on CLIs
that it does not know.
"""

import argparse
import asyncio
import math
import os
from collections import Counter
from collections.abc import Callable

from benchmarks.table import Row, finish, row
from tests.agents.cases import DEFAULT
from tests.agents.clis import is_installed
from tests.truth.cao import orchestrator
from tests.truth.eyes import ChangeRule, Observer
from tests.truth.kinds import CLIS
from tests.truth.score import Score, quantile
from tests.truth.trial import Verdicts, trial

SHARE = 0.995
HEARD_SECONDS = 0.4
SEEN_SECONDS = 2.0
SHORT_SECONDS = 40.0
AT_ONCE = 2
"""CLIs; with more of them two cores measure each other."""


async def measure(chosen: argparse.Namespace) -> list[Verdicts]:
    clis = [CLIS[name] for name in chosen.clis or CLIS if is_installed(name)]
    seconds = SHORT_SECONDS if chosen.short else chosen.seconds
    verdicts: list[Verdicts] = []
    async with orchestrator() as peer:
        for at in range(0, len(clis), AT_ONCE):
            others: list[Observer] = [ChangeRule()]
            if peer is not None:
                others.append(peer)
            verdicts += await trial(
                clis[at : at + AT_ONCE],
                others,
                each=chosen.each,
                seconds=seconds,
                seed=chosen.seed,
                keep=chosen.keep,
            )
    return verdicts


def claims(verdicts: Verdicts) -> list[Row]:
    name, ours = verdicts.cli.name, verdicts.ours
    bar = HEARD_SECONDS if verdicts.cli.publishes else SEEN_SECONDS
    late = ours.delay(0.95)
    stuck = len(verdicts.problems)
    others = list(verdicts.others.values())
    return [
        claim(f"{name}: time right", ours, others, share, f">= {SHARE:.1%}", ours.share >= SHARE),
        claim(f"{name}: false idle", ours, others, lambda s: str(s.false_idle), "-", True),
        claim(f"{name}: false busy", ours, others, lambda s: str(s.false_busy), "-", True),
        claim(f"{name}: missed waiting", ours, others, missed, "0", ours.missed_waits == 0),
        claim(
            f"{name}: delay p50, p95",
            ours,
            others,
            delays,
            f"p95 <= {bar * 1000:.0f} ms",
            late <= bar,
        ),
        row(f"{name}: turns not played to the end", str(stuck), "-", "-", "0", stuck == 0),
    ]


def claim(
    what: str, ours: Score, others: list[Score], says: Callable[[Score], str], bar: str, ok: bool
) -> Row:
    said = (says(other) if other.judged else "-" for other in others)
    return row(what, says(ours), " | ".join(said), "-", bar, ok)


def share(score: Score) -> str:
    return f"{score.share:.2%} of {score.judged / 10:.0f} s"


def missed(score: Score) -> str:
    return f"{score.missed_waits} of {score.waits}"


def delays(score: Score) -> str:
    return f"{_ms(score.delay(0.5))}, {_ms(score.delay(0.95))}"


def _ms(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds * 1000:.0f} ms"


def absences(named: list[str]) -> list[Row]:
    """A claim that fails for each CLI that was to be measured and is not there."""
    wanted = named or DEFAULT.split()
    return [
        row(
            f"{name}: tests/agents/install.sh {name}", "not installed", "-", "-", "installed", False
        )
        for name in wanted
        if not is_installed(name)
    ]


def explain(verdicts: Verdicts) -> None:
    """Every wrong verdict and every change that was said late, for whoever looks into them."""
    name, ours = verdicts.cli.name, verdicts.ours
    played = ", ".join(f"{count} {kind}" for kind, count in Counter(verdicts.played).items())
    changes = ", ".join(f"{count} to {state}" for state, count in ours.counts().items())
    print(f"\n{name}: turns: {played}; changes judged: {changes}")
    lag = [_ms(quantile(verdicts.lags, part)) for part in (0.5, 0.95)]
    print(f"  its own screen came to rest {lag[0]} (p50), {lag[1]} (p95) after the last byte")
    for line in (*verdicts.problems, *map(str, ours.errors), *ours.late):
        print(f"  {line}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("clis", nargs="*", metavar="CLI", help=", ".join(CLIS))
    parser.add_argument("--each", type=int, default=2, help="agents of each CLI")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long turns are begun")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--short", action="store_true", help=f"{SHORT_SECONDS:.0f} seconds")
    parser.add_argument("--keep", action="store_true", help="leave the logs, and say where")
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    verdicts = asyncio.run(measure(chosen))
    for of_cli in verdicts:
        explain(of_cli)
    others = " | ".join(verdicts[0].others) if verdicts else "-"
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    title = (
        f"Truth about real agents, seed {chosen.seed}, load {load:.1f} per core; other: {others}"
    )
    made = [each for of_cli in verdicts for each in claims(of_cli)]
    finish(title, [*made, *absences(chosen.clis)])


if __name__ == "__main__":
    main()

"""What real CLIs spend in a long seeded conversation: by the model, by us, and by ccusage.

    python -m benchmarks.usage_agents [prompts] [seed]

Each prompt after the first resumes the conversation in a new process. All three have to agree to
the token; docs/usage.md says which kinds a CLI or ccusage does not tell.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.table import Row, finish, row
from tests.agents.clis import INSTALLED, is_installed
from tests.agents.one_shot import CLIS, Headless, Told, converse
from tests.gitrepo import isolate_git
from tests.scripted.server import ScriptedModel

PROMPTS = 12
SEED = 4


def scripts(prompts: int, seed: int) -> list[str]:
    """Each with some tool calls, every answer with counts of its own."""
    dice = random.Random(seed)
    made = []
    for prompt in range(prompts):
        calls = [f"sh:echo {prompt}-{call}" for call in range(dice.randrange(3))]
        steps = [f"u:{_counts(dice)} ;; {step}" for step in (*calls, f"say:Answer {prompt}.")]
        made.append(f"SM[{' ;; '.join(steps)}]SM")
    return made


def _counts(dice: random.Random) -> str:
    """Input, output, cache read, cache written and reasoned."""
    most = (4000, 900, 60_000, 3000, 300)
    return ",".join(str(dice.randrange(1, each)) for each in most)


def told(cli: Headless, texts: list[str]) -> Told:
    root = Path(tempfile.mkdtemp(dir=INSTALLED, prefix="usage-"))
    prompts = [(cli.resume if number else cli.run, text) for number, text in enumerate(texts)]
    try:
        with pytest.MonkeyPatch.context() as patch, ScriptedModel() as model:
            isolate_git(patch)
            patch.setenv("HOME", str(root / "user"))
            return converse(cli, root, model, prompts)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def compared(cli: Headless, texts: list[str]) -> Row:
    name = f"{cli.spec}: {len(texts)} prompts"
    if not is_installed(cli.spec):
        missing = f"tests/agents/install.sh {cli.spec}"
        return row(name, "not installed", missing, "-", "equal", False)
    found = told(cli, texts)
    differences = found.differences(cli)
    for each in differences:
        print(f"{cli.spec}: {each}")
    count, other = f"{found.ours.total:,} tokens", f"{found.other.total:,}"
    return row(name, count, other, "-", "equal", not differences and found.ours.total > 0)


def main() -> None:
    prompts = int(sys.argv[1]) if len(sys.argv) > 1 else PROMPTS
    texts = scripts(prompts, int(sys.argv[2]) if len(sys.argv) > 2 else SEED)
    finish("Tokens of real agents, ours against ccusage", [compared(cli, texts) for cli in CLIS])


if __name__ == "__main__":
    main()

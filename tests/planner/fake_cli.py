"""Answers one question as it is told by its arguments: `fake_cli.py HOW [ANSWER...]`.

`lines` prints one object per line, `whole` one object over many lines; of several answers each
start gives the next one. What it was asked is added to the file `asked` in the current folder.
"""

import json
import os
import sys
import time
from pathlib import Path

how, *answers = sys.argv[1:]
asked = Path("asked")
turn = asked.read_text().count("\0") if asked.exists() else 0
with asked.open("a") as file:
    file.write(sys.stdin.read() + "\0")
if how == "hang":
    os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "1000")
    Path("pid").write_text(str(os.getpid()))
    time.sleep(1000)
if how == "flood":
    while True:
        sys.stdout.write("x" * 1_000_000)
if how == "fail":
    sys.exit("\x1b[31mno credit left")
answer = answers[min(turn, len(answers) - 1)]
if how == "whole":
    said = json.dumps({"result": answer, "secret": os.environ.get("SECRET", "")}, indent=2)
else:
    parts = [{"type": "thought", "part": {"text": "let me think"}}]
    parts += [{"type": "answer", "part": {"text": answer}}, {"type": "end"}]
    said = "\n".join(["a warning that is no JSON", *map(json.dumps, parts)])
sys.stdout.write(said + "\n")

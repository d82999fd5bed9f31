import subprocess
import sys

RACE = """
import sys, threading, msgspec
from command_center.domain.strict import decode_toml_table
sys.setswitchinterval(1e-6)

# Only the first use of a type is at risk, so there are many.
def kind(number):
    inner = [msgspec.defstruct(f"Inner{number}_{i}", [("a", int), ("b", str)]) for i in range(20)]
    return msgspec.defstruct(f"Kind{number}", [(f"f{i}", t) for i, t in enumerate(inner)])

kinds = [kind(number) for number in range(150)]
table = {f"f{i}": {"a": 1, "b": "x"} for i in range(20)}
start = threading.Barrier(4)

def read():
    for each in kinds:
        start.wait()
        decode_toml_table(table, each, "x.toml")

threads = [threading.Thread(target=read) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_may_read_their_first_tables_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")

import subprocess
import sys

RACE = """
import sys, threading
from command_center.domain.specs import AgentSpec
from command_center.domain.strict import decode_toml_table
sys.setswitchinterval(1e-6)
spec = {"id": "x", "name": "X", "binary": {"names": ["x"]}, "launch": {"argv": ["x"]}}
start = threading.Barrier(8)
def read():
    start.wait()
    decode_toml_table(spec, AgentSpec, "x.toml")
threads = [threading.Thread(target=read) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_may_read_their_first_table_at_once() -> None:
    # A new process each time: only the first use of a type is at risk.
    codes = [subprocess.run([sys.executable, "-c", RACE]).returncode for _ in range(12)]
    assert set(codes) == {0}

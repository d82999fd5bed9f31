import subprocess
import sys

from command_center.domain import events as ev
from command_center.domain.model import State
from tests.cli.house import House, wait_for


def test_the_last_events_come_oldest_first(house: House) -> None:
    house.add_agent("ada")
    house.say("ada", State.BUSY)
    rows = house.rows("log", "-n", "2")
    assert [(row["seq"], row["type"], row["name"]) for row in rows] == [
        (4, "PaneOpened", "ada"),
        (5, "StateClaimed", "ada"),
    ]


def test_only_the_events_of_one_agent_are_told(house: House) -> None:
    house.add_agent("ada")
    house.add_agent("alan")
    house.say("ada", State.IDLE)
    assert {row["name"] for row in house.rows("log", "--agent", "ada")} == {"ada"}
    assert len(house.rows("log", "--agent", "ada", "-n", "2")) == 2


def test_a_removed_agent_still_has_its_history(house: House) -> None:
    agent = house.add_agent("ada")
    house.write(ev.AgentRemoved(agent, {}))
    assert house.rows("log", "--agent", "ada", "-n", "1")[0]["type"] == "AgentRemoved"


def test_a_line_names_every_fact_of_an_event(house: House) -> None:
    house.add_agent("ada")
    house.say("ada", State.WAITING, "a question")
    line = house.run("log", "-n", "1").stdout
    assert "ada        StateClaimed launch=ada-launch source=osc7501 state=waiting" in line
    assert "reason=a question" in line


def test_following_goes_on_with_what_happens_next(house: House) -> None:
    house.add_agent("ada")
    command = (sys.executable, "-P", "-m", "command_center.cli.main", "log", "-f", "-n", "1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        try:
            assert "PaneOpened" in following.stdout.readline()
            house.say("ada", State.BUSY)
            assert "StateClaimed" in following.stdout.readline()
        finally:
            following.kill()


def test_a_closed_pipe_ends_it_quietly(house: House) -> None:
    house.add_agent("ada")
    command = f"{sys.executable} -P -m command_center.cli.main log -f | head -n 1"
    shell = ("sh", "-c", command)
    with subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as pipe:
        assert pipe.stdout is not None
        assert pipe.stderr is not None
        assert "RepositoryAdded" in pipe.stdout.readline()

        def is_over() -> bool:
            # Only a write to the pipe tells that its reader is gone.
            house.say("ada", State.BUSY)
            return pipe.poll() is not None

        wait_for(is_over, "the follower ended")
        assert pipe.stderr.read() == ""

"""What Slurm's programs print, in our words; samples of 22.05."""

import shlex
import subprocess
from pathlib import Path

import pytest

from command_center.domain.runs import Demand, Ration
from command_center.drivers.executors import Job, JobState
from command_center.drivers.executors.slurm_commands import Said
from command_center.drivers.executors.slurm_job import SlurmSettings, script_of, words_of
from command_center.drivers.executors.slurm_words import state_of, why_pending

SILENCE = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"
FULL = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n"
REFUSED = "sbatch: error: Batch job submission failed: Invalid account or account/partition\n"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Resources", "waits for free nodes"),
        ("Priority", "waits behind others in the cluster's queue"),
        ("ReqNodeNotAvail, UnavailableNodes:n7", "a node that it needs is not available"),
        ("QOSMaxGRESPerUser", "a limit of its quality of service: QOS max GRES per user"),
        ("AssocGrpCpuLimit", "a limit of its account: assoc grp cpu limit"),
        ("SomethingNew", "the cluster says: something new"),
    ],
)
def test_a_reason_to_wait_is_told_in_words(reason: str, words: str) -> None:
    assert why_pending(reason) == words


def test_states_are_of_four_kinds_and_an_unknown_one_is_lost() -> None:
    states = ("PENDING", "COMPLETING", "TIMEOUT", "NODE_FAIL", "NEW_STATE")
    assert [state_of(state) for state in states] == [
        JobState.PENDING,
        JobState.RUNNING,
        JobState.ENDED,
        JobState.LOST,
        JobState.LOST,
    ]


def test_silence_fullness_and_refusal_are_told_apart() -> None:
    said = [Said(1, "", text) for text in (SILENCE, FULL, REFUSED)]
    assert [(each.is_silence, each.is_full) for each in said] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert Said(-9, "", "", in_time=False).is_silence
    assert said[2].complaint.startswith("Batch job submission failed: Invalid account")


def test_the_words_for_sbatch_say_what_a_run_needs() -> None:
    demand = Demand(cpus=4, gpus=2, memory_gib=1.5)
    run = Job("R1.1", ("true",), "/runs/R1/1", demand=demand, ration=Ration(wall_s=61))
    settings = SlurmSettings(partition="gpu", gres="gpu:a100", options=("--account=lab",))
    words = [*words_of(run, settings, "acc-R1.1", Path("/runs/100%/out"))]
    for wanted in (
        *("--job-name=acc-R1.1", "--output=/runs/100%%/out", "--cpus-per-task=4", "--mem=1536"),
        *("--gres=gpu:a100:2", "--time=4", "--partition=gpu", "--account=lab", "--no-requeue"),
    ):
        assert wanted in words


def test_no_word_of_a_setting_is_read_by_the_shell_of_the_script(tmp_path: Path) -> None:
    made = tmp_path / "$(touch mark)`touch mark` '\" ;touch mark"
    made.mkdir()
    python = made / "py thon"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o700)
    script = script_of(SlurmSettings(python=str(python), scratch=str(made)), b"load")
    sh = ("sh", "-c", script)
    done = subprocess.run(sh, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[:2] == ["-I", "-S"]
    assert done.stdout.splitlines()[2].startswith(f"{made}/command-center.")
    assert not (tmp_path / "mark").exists()
    assert shlex.quote(str(made)) in script


def test_every_setting_is_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text("utf-8")
    section = text.partition("\n## Slurm\n")[2].partition("\n## ")[0]
    listed = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}
    assert listed == set(SlurmSettings.__struct_fields__)

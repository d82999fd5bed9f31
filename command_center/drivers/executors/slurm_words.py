"""What Slurm's states and reasons mean for a run; squeue(1), JOB STATE CODES and REASON CODES."""

import re

from command_center.drivers.executors import Ending, JobState

WAITING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD",
                     "SPECIAL_EXIT", "RESV_DEL_HOLD"})  # fmt: skip
LIVE = frozenset({"RUNNING", "SUSPENDED", "STOPPED", "COMPLETING", "RESIZING", "SIGNALING",
                  "STAGE_OUT"})  # fmt: skip
ENDED_BY = {
    "CANCELLED": Ending.CANCEL,
    "TIMEOUT": Ending.WALL,
    "DEADLINE": Ending.WALL,
    "OUT_OF_MEMORY": Ending.MEMORY,
    "COMPLETED": Ending.ITSELF,
    "FAILED": Ending.ITSELF,
}
LOST = {
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node could not be started",
    "PREEMPTED": "the cluster took its place for another job",
    "REVOKED": "another cluster took it over",
}
_REASONS = {
    "None": "waits for the cluster to look at it",
    "Resources": "waits for free nodes",
    "Priority": "waits behind others in the cluster's queue",
    "Dependency": "waits for another job of its name",
    "BeginTime": "the cluster has put it off",
    "JobHeldUser": "held by its user: `scontrol release` lets it go",
    "JobHeldAdmin": "held by the cluster's administrator",
    "JobLaunchFailure": "could not be launched by the cluster",
    "Licenses": "waits for a licence",
    "Reservation": "waits for its reservation",
    "PartitionDown": "its partition is down",
    "PartitionInactive": "its partition takes no jobs",
    "PartitionTimeLimit": "asks for more time than its partition gives",
    "PartitionNodeLimit": "asks for more than its partition gives",
    "PartitionConfig": "asks for more than its partition gives",
    "NodeDown": "a node that it needs is down",
    "BadConstraints": "no node is as it asks",
    "ReqNodeNotAvail": "a node that it needs is not available",
    "InvalidAccount": "the cluster does not know its account",
    "InvalidQOS": "the cluster does not know its quality of service",
    "launch failed requeued held": "could not be launched; held: `scontrol release` tries again",
}


def why_pending(reason: str) -> str:
    """`reason` as squeue prints it, in words."""
    said = reason.strip().strip("()")
    known = _REASONS.get(said) or _REASONS.get(said.partition(",")[0])
    if known:
        return known
    for start, whose in (("QOS", "quality of service"), ("Assoc", "account")):
        if said.startswith(start):
            return f"a limit of its {whose}: {_spaced(said)}"
    return f"the cluster says: {_spaced(said)}"


def _spaced(reason: str) -> str:
    """`MaxGRESPerUser` → `max GRES per user`."""
    words = re.findall(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z0-9]*|[^A-Z]+", reason)
    return " ".join(w.strip() if w.isupper() else w.strip().lower() for w in words)


def state_of(state: str) -> JobState:
    if state in WAITING:
        return JobState.PENDING
    if state in LIVE:
        return JobState.RUNNING
    return JobState.ENDED if state in ENDED_BY else JobState.LOST

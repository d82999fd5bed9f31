"""What Ray's job states and messages mean for a run; `ray/dashboard/modules/job/common.py`."""

from command_center.domain.text import one_line
from command_center.drivers.executors.ray_api import RayJob

_ACTOR = "JOB_SUPERVISOR_ACTOR_"
_GONE = (f"{_ACTOR}DIED", f"{_ACTOR}UNKNOWN_FAILURE", f"{_ACTOR}START_FAILURE")


def why_pending(needs: str) -> str:
    return f"waits in the cluster's queue for {needs}"


def is_start_timeout(job: RayJob) -> bool:
    """Whether it never began, because Ray would not let it wait any longer."""
    return job.status == "FAILED" and job.error_type == f"{_ACTOR}START_TIMEOUT"


def node_is_gone(job: RayJob) -> bool:
    """Whether what Ray watches a job with is gone, and its last output with it."""
    return job.status == "FAILED" and job.error_type in _GONE


def why_lost(job: RayJob) -> str:
    said = job.message or ""
    if node_is_gone(job):
        if "memory monitor" in said or "OutOfMemory" in said:
            return "Ray ended it because its node ran out of memory"
        return "its node failed, or was taken away"
    if job.status == "STOPPED":
        return "it was stopped in the cluster, and told nothing"
    return f"the cluster says: {one_line(said[-300:], 200)}" if said else "it told nothing"

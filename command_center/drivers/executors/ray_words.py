"""What Ray's job states and messages mean for a run; `ray/dashboard/modules/job/common.py`."""

from collections.abc import Mapping, Sequence

from command_center.domain.text import one_line
from command_center.drivers.executors.ray_api import RayJob, RayNode

_ACTOR = "JOB_SUPERVISOR_ACTOR_"
_GONE = (f"{_ACTOR}DIED", f"{_ACTOR}UNKNOWN_FAILURE", f"{_ACTOR}START_FAILURE")


def why_pending(needs: Mapping[str, float], nodes: Sequence[RayNode]) -> str:
    """`nodes` are those that are known; none says nothing."""
    words = " and ".join(_amount(name, number) for name, number in needs.items())
    fit = [n for n in nodes if all(n.resources_total.get(k, 0.0) >= v for k, v in needs.items())]
    if nodes and not fit:
        return f"waits for {words} on one node, and the cluster has no such node"
    return f"waits in the cluster's queue for {words}"


def _amount(name: str, number: float) -> str:
    if name == "memory":
        return f"{number / (1 << 30):g} GiB"
    return f"{number:g} {name}{'s' if name in ('CPU', 'GPU') and number > 1 else ''}"


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
    if job.status == "SUCCEEDED":
        return "it ended, but its node is gone, and its results with it"
    # The last line of a shell or of a traceback has the point.
    lines = [line for line in said.splitlines() if line.strip()]
    return f"the cluster says: {one_line(lines[-1], 200)}" if lines else "it told nothing"

"""Which agents could take a task, which tasks could go on, and why others not: from the fleet."""

from command_center.domain.model import Agent, Fleet, Phase, State
from command_center.domain.task_life import on_agent, unmet
from command_center.domain.tasks import Life, Task

RESERVED = "reserved"
"""Tag of agents that the dispatcher never gives tasks by itself."""


def why_not_free(fleet: Fleet, agent: Agent) -> str:
    """Why no task can be given to the agent now, even by hand; empty when one can."""
    if problem := why_not_taking(fleet, agent):
        return problem
    if agent.state is not State.IDLE:
        return f"{agent.name} is {agent.state}"
    if any(not receipt.delivery.is_over for receipt in agent.receipts):
        return f"{agent.name} has a prompt to take first"
    return ""


def why_not_taking(fleet: Fleet, agent: Agent) -> str:
    """Why the agent can take no task, not even when its turn is over; empty when it can."""
    taken = on_agent(fleet.tasks.values(), agent.id)
    if taken is not None:
        return f"{agent.name} is at work on {taken.id}"
    if agent.phase is not Phase.LIVE:
        return f"{agent.name} is {agent.state}"
    if agent.diff is not None and agent.diff.uncommitted:
        return f"{agent.name} has uncommitted work; commit it first"
    return ""


def may_go_on(task: Task, fleet: Fleet) -> bool:
    """Whether the task is at work, or may be handed out with no word of the user."""
    is_next = fleet.dispatch == "automatic" and task.life is Life.QUEUED and not task.is_held
    return task.takes_agent or task.is_measuring or (is_next and not unmet(task, fleet.tasks))


def why_not_offered(fleet: Fleet, agent: Agent) -> str:
    """Why the dispatcher does not choose a free agent by itself; empty when it may."""
    if RESERVED in agent.order.tags:
        return f"{agent.name} is {RESERVED}"
    prompts = {task.prompt for task in fleet.tasks.values() if task.agent == agent.id}
    # Messages of other agents are not what its user waits for.
    own = [receipt.id for receipt in agent.receipts if not receipt.by]
    is_tasks = bool(own) and own[-1] in prompts
    # Some are busy while they start; what was never asked has no conversation to be lost.
    was_asked = agent.session != "" or agent.receipts != ()
    if agent.is_unseen and was_asked and not is_tasks:
        return f"{agent.name} did something that you have not looked at yet"
    return ""

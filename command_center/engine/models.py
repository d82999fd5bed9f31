"""The router to the models as everybody here uses it: within the fleet's budgets as well."""

import os
import time
from collections.abc import Callable, Mapping

from command_center.domain.budgets import DAY, FLEET, Bill, fits, summed, titled
from command_center.domain.model import Fleet
from command_center.domain.niches import ModelSettings
from command_center.domain.places import Places
from command_center.drivers.models.calls import CallLog
from command_center.drivers.models.router import Router, shown
from command_center.engine.ledger import local_date, read_ledger


def open_router(
    places: Places,
    models: ModelSettings,
    fleet: Callable[[], Fleet],
    environ: Mapping[str, str] | None = None,
) -> Router:
    """`fleet` gives the newest one whenever it is asked."""
    environ = os.environ if environ is None else environ
    return Router(models, places.calls, lambda ahead: why_not(places, fleet(), ahead), environ)


def why_not(places: Places, fleet: Fleet, ahead: Bill) -> str:
    """Why nothing more may be spent now; empty when it may. Raises LogError.

    `ahead` is what is to be spent, by no agent; nothing of it is known for a program of another's.
    """
    now = time.time()
    today = local_date(now)
    budgets = [fleet.budgets[scope] for scope in (DAY, FLEET) if scope in fleet.budgets]
    if not (budgets := [budget for budget in budgets if budget.cap]):
        return ""
    has_money = any(budget.cap.money > 0 for budget in budgets)
    # Our own calls from their ledger: the store may be minutes behind.
    agents = read_ledger(places, fleet, today, prices=has_money, has_calls=False)
    for budget in budgets:
        title = titled(budget.scope)
        if budget.is_held and (budget.scope != DAY or budget.period == today):
            return f"{title} is reached: {budget.words}"
        since = today if budget.scope == DAY else budget.since
        ours = summed(call.bill for call in CallLog(places.calls).since(since, now))
        spent = agents.budgets.get(budget.scope, Bill()) + ours
        if budget.cap.money > 0 and ahead.unpriced:
            return f"{title} is in dollars, and no price is known for {ahead.unpriced[0]}"
        if not fits(budget.cap, spent, ahead):
            return (
                f"{title} of {budget.cap}: {shown(spent)} spent, and this may cost {shown(ahead)}"
            )
    return ""

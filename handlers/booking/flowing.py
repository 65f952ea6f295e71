"""Where do the places go that the green channel and groups left over when their hour came?"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from handlers.booking import returns
from storage import audit, flows, pools
from storage.db import Db
from storage.flows import Due
from storage.models import Pool


def due(db: Db, now: datetime, locale: str) -> list[tuple[int, Callable[[Db], None]]]:
    """What has to be done now, each a transaction of its own, with the pool it is about.

    `locale`: the language of those who named none.
    """
    return [
        (each.pool_id, partial(flow_one, due=each, now=now, locale=locale))
        for each in flows.due(db, now)
    ]


def flow(db: Db, now: datetime, locale: str) -> None:
    """Let all that is due flow, in one transaction."""
    for each in flows.due(db, now):
        flow_one(db, each, now=now, locale=locale)


def flow_one(db: Db, due: Due, *, now: datetime, locale: str) -> None:
    """Move a pool's unused places to its target, where whoever waits is asked first.

    Once: a second time nothing is unused. What is held or offered stays until it comes free.
    """
    target = due.target_id or db.insert(
        Pool(session_id=due.session_id, name=due.flows_to, capacity=0)
    )
    locked = {pool_id: pools.lock(db, pool_id) for pool_id in sorted((due.pool_id, target))}
    source = locked[due.pool_id]
    places = source.capacity - source.held - source.offered - source.confirmed
    if not flows.drain(db, due.pool_id, places, now) or not places:
        return
    flows.fill(db, target, places)
    audit.note(
        db,
        "pool",
        due.pool_id,
        "flow",
        now,
        before=str(source.capacity),
        after=str(source.capacity - places),
        reason=f"{places} {due.name} → {due.flows_to}",
    )
    returns.places_came(db, target, now, locale)

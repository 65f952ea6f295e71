"""Who draws on how many of a session's places, and when do those left over flow back?"""

from collections.abc import Mapping
from datetime import timedelta

from storage.models import Audience, Pool, PoolName, Session, Terms

# Whose unused places are given up first when others have more than their share.
_GIVEN_UP = (PoolName.WALK_IN, PoolName.GROUP, PoolName.PRIORITY, PoolName.FAMILY)


def split(session: Session, terms: Terms) -> list[Pool]:
    """A session's places as pools, families' first; together its capacity.

    The green channel has what the session says. Groups have a share where they can come, and in a
    session for classes all the rest. The families' pool is always there, if only to be found empty.
    """
    _family, group, _priority, walk_in = terms.pool_split
    left = session.capacity
    priority = min(session.priority_places, left)
    left -= priority
    if session.audience is Audience.CLASS:
        groups, walks = left, 0
    else:
        groups = session.capacity * group // 100 if session.audience is Audience.PUBLIC else 0
        groups = min(groups, left)
        walks = min(session.capacity * walk_in // 100, left - groups)
    places = {
        PoolName.FAMILY: left - groups - walks,
        PoolName.GROUP: groups,
        PoolName.PRIORITY: priority,
        PoolName.WALK_IN: walks,
    }
    return [
        _pool(session, terms, name, capacity)
        for name, capacity in places.items()
        if capacity or name is PoolName.FAMILY
    ]


def refit(session: Session, terms: Terms, kept: Mapping[PoolName, Pool]) -> list[Pool] | None:
    """The pools of a session that changed, each with what is used of it, so that nobody loses one.

    What has flowed stays flowed. None when more places are used than the session has now.
    """
    wanted = {pool.name: pool for pool in split(session, terms)}
    for name in kept:
        wanted.setdefault(name, _pool(session, terms, name, 0))
    for pool in list(wanted.values()):
        has_flowed = pool.name in kept and kept[pool.name].flowed_at is not None
        if has_flowed and pool.flows_to is not None:
            target = wanted.setdefault(
                pool.flows_to, _pool(session, terms, pool.flows_to, capacity=0)
            )
            target.capacity += pool.capacity
            pool.capacity = 0
    used = {name: _used(kept[name]) if name in kept else 0 for name in wanted}
    for name, pool in wanted.items():
        pool.capacity = max(pool.capacity, used[name])
    excess = sum(pool.capacity for pool in wanted.values()) - session.capacity
    for name in _GIVEN_UP:
        if name in wanted:
            given_up = min(excess, wanted[name].capacity - used[name])
            wanted[name].capacity -= given_up
            excess -= given_up
    return None if excess else list(wanted.values())


def _pool(session: Session, terms: Terms, name: PoolName, capacity: int) -> Pool:
    pool = Pool(session_id=session.id or 0, name=name, capacity=capacity)
    is_class = session.audience is Audience.CLASS
    if name is PoolName.PRIORITY:
        pool.flows_to = PoolName.GROUP if is_class else PoolName.FAMILY
        pool.flows_at = session.starts_at - timedelta(hours=terms.priority_flow_hours)
    elif name is PoolName.GROUP and not is_class:
        pool.flows_to = PoolName.FAMILY
        pool.flows_at = session.starts_at - timedelta(days=terms.group_flow_days)
    return pool


def _used(pool: Pool) -> int:
    return pool.held + pool.offered + pool.confirmed

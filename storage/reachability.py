"""Can a chat be written to, as its channel last said?"""

from sqlalchemy import bindparam, update
from sqlmodel import col

from storage.db import Db
from storage.models import Chat
from storage.statements import Command

_SET = Command(
    update(Chat)
    .where(
        col(Chat.channel) == bindparam("the_channel"), col(Chat.address) == bindparam("the_address")
    )
    .values(is_reachable=bindparam("new_is_reachable"))
)


def note(db: Db, channel: str, address: str, *, is_reachable: bool) -> bool:
    """Note whether a chat can be written to; False when nobody ever spoke there."""
    changed = db.change(
        _SET, the_channel=channel, the_address=address, new_is_reachable=is_reachable
    )
    return changed == 1

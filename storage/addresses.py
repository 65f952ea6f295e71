"""What becomes of a chat whose address changes?"""

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.db import Db
from storage.models import Chat
from storage.statements import Command

_other = aliased(Chat)
_MOVE = Command(
    update(Chat)
    .where(
        col(Chat.channel) == bindparam("the_channel"),
        col(Chat.address) == bindparam("the_address"),
        ~(
            select(col(_other.id))
            .where(
                col(_other.channel) == bindparam("the_channel"),
                col(_other.address) == bindparam("new_address"),
            )
            .exists()
        ),
    )
    .values(address=bindparam("new_address"))
)


def move(db: Db, channel: str, address: str, new_address: str) -> bool:
    """Let a chat be at another address; False when there is none, or somebody else is there."""
    return db.change(_MOVE, the_channel=channel, the_address=address, new_address=new_address) == 1

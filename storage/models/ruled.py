"""Which version of its base's policy holds for a session?"""

from sqlalchemy import and_
from sqlmodel import col

from storage.models.policies import Policy
from storage.models.venues import Session

IS_ITS_POLICY = and_(
    col(Policy.base_id) == col(Session.base_id),
    col(Policy.version) == col(Session.policy_version),
)

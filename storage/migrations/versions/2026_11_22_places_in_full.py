"""Places in full: policies, pools that flow, waiting lists, the door."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_places_in_full"
down_revision = "2026_11_22_first_tables"
branch_labels = None
depends_on = None

LIVE = "state IN ('held', 'confirmed', 'checked_in', 'waiting', 'offered')"
COLUMNS = (
    "party_max",
    "release_time",
    "cancel_rule",
    "children_max",
    "release_days_ahead",
    "pool_split",
    "no_shows_allowed",
    "ban_days",
)


def upgrade() -> None:
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("is_worked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_of_object", "audit", ["kind", "object_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"],
            ["base.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "base_id"),
    )
    op.create_index(op.f("ix_role_person_id"), "role", ["person_id"], unique=False)
    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_because", sa.String(length=200), nullable=False),
        sa.CheckConstraint("heads > 0", name="check_in_heads"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scan_id"),
    )
    op.create_index(op.f("ix_check_in_booking_id"), "check_in", ["booking_id"], unique=False)
    op.create_table(
        "code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("duty", sa.String(length=32), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"],
            ["base.id"],
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["used_by_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index(op.f("ix_code_expires_at"), "code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_code_person_id"), "code", ["person_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["pool.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index(op.f("ix_offer_booking_id"), "offer", ["booking_id"], unique=False)
    op.create_index(op.f("ix_offer_expires_at"), "offer", ["expires_at"], unique=False)
    op.create_index(op.f("ix_offer_pool_id"), "offer", ["pool_id"], unique=False)
    op.create_index(
        "offer_one_live",
        "offer",
        ["booking_id"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "rating",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="rating_stars"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    op.create_table(
        "returned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["pool.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_returned_booking_id"), "returned", ["booking_id"], unique=False)
    op.create_index(op.f("ix_returned_pool_id"), "returned", ["pool_id"], unique=False)
    op.create_table(
        "strike",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal", sa.String(length=32), nullable=False),
        sa.Column("appeal_words", sa.String(length=300), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"],
            ["base.id"],
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["family_id"],
            ["family.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("booking_id"),
    )
    op.create_index("strike_of_family", "strike", ["family_id", "base_id", "at"], unique=False)
    op.create_table(
        "waiting",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("bypassed", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("least > 0 AND bypassed >= 0 AND offers >= 0", name="waiting_counts"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["pool.id"],
        ),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    op.create_index("waiting_order", "waiting", ["pool_id", "priority", "number"], unique=False)
    _widen_what_was_there()
    _gather_terms()


def _widen_what_was_there() -> None:
    for table, column in (
        ("booking", sa.Column("ended_by", sa.String(length=32), nullable=True)),
        ("booking", _number("changes")),
        ("booking", _number("heads")),
        ("booking", sa.Column("is_coming", sa.Boolean(), nullable=True)),
        ("booking", _number("reminders")),
        ("chat", sa.Column("beside", sa.Text(), nullable=True)),
        ("family", _number("priority")),
        ("person", sa.Column("calendar_token", sa.String(length=32), nullable=True)),
        ("pool", _number("waiting")),
        ("pool", sa.Column("flows_to", sa.String(length=32), nullable=True)),
        ("pool", sa.Column("flows_at", sa.DateTime(timezone=True), nullable=True)),
        ("pool", sa.Column("flowed_at", sa.DateTime(timezone=True), nullable=True)),
        ("session", _number("sequence")),
        ("session", _words("cancelled_because", 200)),
    ):
        op.add_column(table, column)
    # SQLite takes a foreign key with a new column only in one statement.
    op.execute("ALTER TABLE booking ADD COLUMN moved_from_id INTEGER REFERENCES booking (id)")
    op.create_index(op.f("ix_person_calendar_token"), "person", ["calendar_token"], unique=False)
    op.create_index(op.f("ix_pool_flows_at"), "pool", ["flows_at"], unique=False)
    op.drop_index("booking_one_live", "booking")
    op.create_index(
        "booking_one_live",
        "booking",
        ["session_id", "family_id"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )


def _gather_terms() -> None:
    """A policy's columns become one record, which later fields join without a migration."""
    op.add_column("policy", sa.Column("terms", sa.Text(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT * FROM policy")).mappings().all():
        connection.execute(
            sa.text("UPDATE policy SET terms = :terms WHERE id = :id"),
            {"terms": json.dumps(_terms(dict(row)), ensure_ascii=False), "id": row["id"]},
        )
    for column in COLUMNS:
        op.drop_column("policy", column)


def _terms(row: Mapping[str, Any]) -> dict[str, Any]:
    ladder = {"strikes": row["no_shows_allowed"], "days": row["ban_days"]}
    return {
        "release_days_ahead": row["release_days_ahead"],
        "release_time": row["release_time"],
        "party_max": row["party_max"],
        "children_max": row["children_max"],
        "cancel_rule": row["cancel_rule"] or "前1日20:00",
        "ladder": [ladder] if row["no_shows_allowed"] else [],
        "pool_split": [int(share) for share in row["pool_split"].split("/")],
    }


def _words(name: str, longest: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=longest), nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")

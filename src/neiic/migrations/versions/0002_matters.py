"""What the console reads of centers: their open matters, which deadlines are close, indices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_STALE = "projected IS NULL OR projected != sequence"
_ACTED = "actor_role IS NOT NULL"
_DOCUMENTED = "document_no IS NOT NULL"


def upgrade() -> None:
    _add_matters()


def _add_matters() -> None:
    _matters()
    _changes()
    op.add_column("centers", sa.Column("projected", sa.Integer(), nullable=True))
    op.add_column("deadlines", sa.Column("yellow_from", MOMENT, nullable=True))
    _matters_indices()


def _matters() -> None:
    op.create_table(
        "matters",
        sa.Column("center", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", DOCUMENT, nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("yellow_from", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["center"], ["centers.code"], name="fk_matters_center"),
        sa.PrimaryKeyConstraint("center", "matter", "role", name="pk_matters"),
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name="pk_changes"),
    )


def _matters_indices() -> None:
    for name, table, columns in (
        ("ix_matters_urgency", "matters",
         ["role", "unit", "due", "center", "matter", "yellow_from"]),
        ("ix_matters_age", "matters", ["role", "unit", "since", "center", "matter", "due"]),
        ("ix_deadlines_board", "deadlines",
         ["status", "instant", "kind", "center", "deadline", "yellow_from"]),
        ("ix_centers_lead_unit", "centers", ["lead_unit"]),
        ("ix_centers_implementing_unit", "centers", ["implementing_unit"]),
        ("ix_centers_name_code", "centers", ["name", "code"]),
        ("ix_centers_stage_code", "centers", ["stage", "code"]),
        ("ix_centers_next_deadline_code", "centers", ["next_deadline", "code"]),
        ("ix_centers_updated_at_code", "centers", ["updated_at", "code"]),
    ):  # fmt: skip
        op.create_index(name, table, columns)
    for name, table, columns, where in (
        ("ix_centers_stale", "centers", ["code", "sequence"], _STALE),
        ("ix_events_by_role", "events", ["actor_role", "recorded"], _ACTED),
        ("ix_events_by_center_and_role", "events",
         ["center", "actor_role", "recorded", "kind"], _ACTED),
    ):  # fmt: skip
        op.create_index(
            name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_index(
        "ix_events_document_no",
        "events",
        ["document_no", "center"],
        sqlite_where=sa.text(_DOCUMENTED),
        postgresql_where=sa.text(_DOCUMENTED),
        postgresql_ops={"document_no": "text_pattern_ops"},
    )


def downgrade() -> None:
    for name in ("document_no", "by_center_and_role", "by_role"):
        op.drop_index(f"ix_events_{name}", "events")
    for name in (
        "stale",
        "updated_at_code",
        "next_deadline_code",
        "stage_code",
        "name_code",
        "implementing_unit",
        "lead_unit",
    ):
        op.drop_index(f"ix_centers_{name}", "centers")
    op.drop_index("ix_deadlines_board", "deadlines")
    op.drop_column("deadlines", "yellow_from")
    op.drop_column("centers", "projected")
    op.drop_table("changes")
    op.drop_table("matters")

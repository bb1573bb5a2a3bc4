"""The first schema: centers, events, deadlines, refusals, outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _centers()
    _refusals()
    _deadlines()
    _events()
    _outbox()


def _centers() -> None:
    op.create_table(
        "centers",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("life", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("competent_unit", sa.String(), nullable=False),
        sa.Column("lead_unit", sa.String(), nullable=False),
        sa.Column("implementing_unit", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("rule_set", sa.String(), nullable=False),
        sa.Column("latest_grade", sa.String(), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("next_deadline_kind", sa.String(), nullable=True),
        sa.Column("next_deadline", MOMENT, nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("waiting_for", DOCUMENT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("state", DOCUMENT, nullable=False),
        sa.Column("snapshot", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_centers"),
    )
    op.create_index("ix_centers_competent_unit", "centers", ["competent_unit"])
    op.create_index("ix_centers_next_deadline", "centers", ["next_deadline"])
    op.create_index("ix_centers_stage", "centers", ["stage"])


def _refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center", sa.String(), nullable=False),
        sa.Column("life", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("message_zh", sa.String(), nullable=False),
        sa.Column("message_en", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("actor_user", sa.String(), nullable=True),
        sa.Column("actor_role", sa.String(), nullable=True),
        sa.Column("actor_unit", sa.String(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refusals"),
        sa.UniqueConstraint("center", "life", "number", name="uq_refusals_center_life_number"),
    )
    op.create_index("ix_refusals_center", "refusals", ["center"])


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("center", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("nominal", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("instant", MOMENT, nullable=False),
        sa.Column("rolled", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("explanation_zh", sa.String(), nullable=False),
        sa.Column("explanation_en", sa.String(), nullable=False),
        sa.Column("opens", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["center"], ["centers.code"], name="fk_deadlines_center"),
        sa.PrimaryKeyConstraint("center", "deadline", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_status_instant", "deadlines", ["status", "instant"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("recorded", MOMENT, nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("actor_user", sa.String(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=True),
        sa.Column("actor_role", sa.String(), nullable=True),
        sa.Column("actor_unit", sa.String(), nullable=True),
        sa.Column("document_no", sa.String(), nullable=True),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("remarks", sa.String(), nullable=True),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("answer", DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(["center"], ["centers.code"], name="fk_events_center"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("center", "sequence", name="uq_events_center_sequence"),
    )
    op.create_index("ix_events_center_decision_id", "events", ["center", "decision_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["center"], ["centers.code"], name="fk_outbox_center"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("center", "key", name="uq_outbox_center_key"),
    )
    op.create_index("ix_outbox_status_id", "outbox", ["status", "id"])


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("events")
    op.drop_table("deadlines")
    op.drop_table("refusals")
    op.drop_table("centers")

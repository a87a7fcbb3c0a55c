"""Parts of long texts that wait for the others; a gateway's receipt finds its message by the gateway's own reference."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_parts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("text_of", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_parts")),
        sa.UniqueConstraint("message", "number", name=op.f("uq_sms_parts_message_number")),
    )
    op.create_index(op.f("ix_sms_parts_text_of"), "sms_parts", ["text_of"])
    waiting = sa.text("taken_at IS NULL")
    op.create_index("ix_sms_parts_due", "sms_parts", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index(op.f("ix_sms_parts_taken_at"), "sms_parts", ["taken_at"])
    known = sa.text("provider_ref IS NOT NULL")
    op.create_index("ix_outbox_provider_ref", "outbox", ["provider_ref"], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    op.drop_index("ix_outbox_provider_ref", table_name="outbox")
    op.drop_table("sms_parts")

"""Attachments: what came with a message, its sealed bytes, and what the web chat has taken for the worker to fetch."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kib", sa.Integer(), nullable=True),
        sa.Column("original_type", sa.String(), nullable=True),
        sa.Column("copy_type", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_attachments_report_id_reports"),
            initially="DEFERRED", deferrable=True,
        ),
        sa.ForeignKeyConstraint(["key_id"], ["circle_keys.id"], name=op.f("fk_attachments_key_id_circle_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )  # fmt: skip
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_report", ["report_id", "at"], unique=False)
        batch_op.create_index(
            "ix_attachments_due", ["not_before"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING
        )
    op.create_table(
        "attachment_bodies",
        sa.Column("attachment_id", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_bodies_attachment_id_attachments"),
            initially="DEFERRED", deferrable=True,
        ),
        sa.PrimaryKeyConstraint("attachment_id", "part", name=op.f("pk_attachment_bodies")),
    )  # fmt: skip
    op.create_table(
        "chat_uploads",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_uploads")),
    )
    with op.batch_alter_table("chat_uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_uploads_at"), ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("chat_uploads")
    op.drop_table("attachment_bodies")
    op.drop_table("attachments")

"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_health",
        sa.Column("address_id", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_address_health")),
    )
    with op.batch_alter_table("address_health", schema=None) as batch_op:
        batch_op.create_index(
            "ix_address_health_failures",
            ["failures"],
            unique=False,
            sqlite_where=sa.text("failures > 0"),
            postgresql_where=sa.text("failures > 0"),
        )

    op.create_table(
        "agents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.create_index(
            "uq_alarms_standing",
            ["kind", "subject"],
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_report_id"), ["report_id"], unique=False)

    op.create_table(
        "chat_messages",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
    )
    with op.batch_alter_table("chat_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_messages_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_chat_messages_mailbox"), ["mailbox"], unique=False)

    op.create_table(
        "circle_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("circle", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circle_keys")),
        sa.UniqueConstraint("circle", "month", "lane", name=op.f("uq_circle_keys_circle_month_lane")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("safety", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=True),
        sa.Column("session_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_misses", sa.Integer(), nullable=False),
        sa.Column("code_missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("check_word", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("word_misses", sa.Integer(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("channel", "index", name=op.f("uq_contacts_channel_index")),
    )
    op.create_table(
        "directory_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_state")),
    )
    op.create_table(
        "flow_revisions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "revision", name=op.f("pk_flow_revisions")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "inbound",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "digest", name=op.f("pk_inbound")),
    )
    op.create_table(
        "login_delays",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_delays")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dedupe", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("address_id", sa.String(), nullable=True),
        sa.Column("page_id", sa.String(), nullable=True),
        sa.Column("report_id", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("bundle_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_outbox_dedupe")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_bundle_id",
            ["bundle_id"],
            unique=False,
            sqlite_where=sa.text("bundle_id IS NOT NULL"),
            postgresql_where=sa.text("bundle_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_contact_id",
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("contact_id IS NOT NULL"),
            postgresql_where=sa.text("contact_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_due",
            ["priority", "not_before", "created_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(
            "ix_outbox_failing_since",
            ["failing_since"],
            unique=False,
            sqlite_where=sa.text("failing_since IS NOT NULL"),
            postgresql_where=sa.text("failing_since IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_held",
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )
        batch_op.create_index(
            "ix_outbox_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(
            "ix_outbox_page_id",
            ["page_id"],
            unique=False,
            sqlite_where=sa.text("page_id IS NOT NULL"),
            postgresql_where=sa.text("page_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_receipt_by",
            ["receipt_by"],
            unique=False,
            sqlite_where=sa.text("receipt_by IS NOT NULL"),
            postgresql_where=sa.text("receipt_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_report_id",
            ["report_id"],
            unique=False,
            sqlite_where=sa.text("report_id IS NOT NULL"),
            postgresql_where=sa.text("report_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_sent",
            ["address_id", "sent_at"],
            unique=False,
            sqlite_where=sa.text("address_id IS NOT NULL AND sent_at IS NOT NULL"),
            postgresql_where=sa.text("address_id IS NOT NULL AND sent_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_waiting",
            ["address_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'sending') AND address_id IS NOT NULL"),
            postgresql_where=sa.text("state IN ('queued', 'sending') AND address_id IS NOT NULL"),
        )

    op.create_table(
        "phone_misses",
        sa.Column("address_id", sa.String(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("helped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_phone_misses")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_table(
        "special_days",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_days")),
    )
    op.create_table(
        "spells",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spells")),
    )
    op.create_table(
        "zones",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_zones")),
    )
    op.create_table(
        "circles",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("desk", sa.Boolean(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["zone"], ["zones.code"], name=op.f("fk_circles_zone_zones"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_circles")),
    )
    op.create_table(
        "circle_districts",
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("circle", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle"],
            ["circles.code"],
            name=op.f("fk_circle_districts_circle_circles"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("district", name=op.f("pk_circle_districts")),
    )
    op.create_table(
        "officers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("circle", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("integrity", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle"], ["circles.code"], name=op.f("fk_officers_circle_circles"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("username", name=op.f("uq_officers_username")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("integrity", sa.Boolean(), nullable=False),
        sa.Column("circle", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("contact_id", sa.String(), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("timer", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("climbs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeats_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_level", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["circle"], ["circles.code"], name=op.f("fk_reports_circle_circles")),
        sa.ForeignKeyConstraint(["key_id"], ["circle_keys.id"], name=op.f("fk_reports_key_id_circle_keys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reports_due",
            ["priority", "due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index("ix_reports_queue", ["circle", "status"], unique=False)
        batch_op.create_index(
            "uq_reports_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("code IS NOT NULL"),
            postgresql_where=sa.text("code IS NOT NULL"),
        )

    op.create_table(
        "accounts",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_accounts_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["circle_keys.id"], name=op.f("fk_entries_key_id_circle_keys")),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["reports.id"],
            name=op.f("fk_entries_report_id_reports"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index("ix_entries_report", ["report_id", "at"], unique=False)

    op.create_table(
        "leaves",
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_leaves_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    with op.batch_alter_table("leaves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leaves_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_login_sessions_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login_sessions")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_sessions_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "officer_addresses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_officer_addresses_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_addresses")),
        sa.UniqueConstraint("channel", "index", name=op.f("uq_officer_addresses_channel_index")),
    )
    with op.batch_alter_table("officer_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_addresses_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "overrides",
        sa.Column("circle", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["circle"],
            ["circles.code"],
            name=op.f("fk_overrides_circle_circles"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_overrides_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["replaces"],
            ["officers.id"],
            name=op.f("fk_overrides_replaces_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    with op.batch_alter_table("overrides", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_overrides_circle"), ["circle"], unique=False)

    op.create_table(
        "pages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_pages_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["reports.id"],
            name=op.f("fk_pages_report_id_reports"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint(
            "report_id", "generation", "officer_id", name=op.f("uq_pages_report_id_generation_officer_id")
        ),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index("ix_pages_token", ["officer_id", "token"], unique=False)
        batch_op.create_index(
            "uq_pages_open_token",
            ["officer_id", "token"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "shifts",
        sa.Column("circle", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=True),
        sa.Column("rotation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("every", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("handover", sa.Integer(), nullable=True),
        sa.Column("borrow", sa.String(), nullable=True),
        sa.Column("days", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=True),
        sa.Column("end_minute", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("only", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("overlap", sa.Integer(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["borrow"], ["circles.code"], name=op.f("fk_shifts_borrow_circles"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["circle"], ["circles.code"], name=op.f("fk_shifts_circle_circles"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_shifts_officer_id_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shifts_circle"), ["circle"], unique=False)
        batch_op.create_index(batch_op.f("ix_shifts_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "slips",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("printed_by", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("for_officer", sa.String(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("typed_by", sa.String(), nullable=True),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["for_officer"],
            ["officers.id"],
            name=op.f("fk_slips_for_officer_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["printed_by"],
            ["officers.id"],
            name=op.f("fk_slips_printed_by_officers"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["reports.id"],
            name=op.f("fk_slips_report_id_reports"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("serial", name=op.f("uq_slips_serial")),
    )
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.create_index(
            "ix_slips_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_slips_report_id"), ["report_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slips_report_id"))
        batch_op.drop_index(
            "ix_slips_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("slips")
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shifts_officer_id"))
        batch_op.drop_index(batch_op.f("ix_shifts_circle"))

    op.drop_table("shifts")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pages_open_token", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_pages_token")

    op.drop_table("pages")
    with op.batch_alter_table("overrides", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_overrides_circle"))

    op.drop_table("overrides")
    with op.batch_alter_table("officer_addresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officer_addresses_officer_id"))

    op.drop_table("officer_addresses")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_sessions_officer_id"))

    op.drop_table("login_sessions")
    with op.batch_alter_table("leaves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leaves_officer_id"))

    op.drop_table("leaves")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index("ix_entries_report")

    op.drop_table("entries")
    op.drop_table("accounts")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reports_code", sqlite_where=sa.text("code IS NOT NULL"), postgresql_where=sa.text("code IS NOT NULL")
        )
        batch_op.drop_index("ix_reports_queue")
        batch_op.drop_index(
            "ix_reports_due", sqlite_where=sa.text("due_at IS NOT NULL"), postgresql_where=sa.text("due_at IS NOT NULL")
        )

    op.drop_table("reports")
    op.drop_table("officers")
    op.drop_table("circle_districts")
    op.drop_table("circles")
    op.drop_table("zones")
    op.drop_table("spells")
    op.drop_table("special_days")
    op.drop_table("policies")
    op.drop_table("phone_misses")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text("state IN ('queued', 'sending') AND address_id IS NOT NULL"),
            postgresql_where=sa.text("state IN ('queued', 'sending') AND address_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_sent",
            sqlite_where=sa.text("address_id IS NOT NULL AND sent_at IS NOT NULL"),
            postgresql_where=sa.text("address_id IS NOT NULL AND sent_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_report_id",
            sqlite_where=sa.text("report_id IS NOT NULL"),
            postgresql_where=sa.text("report_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_receipt_by",
            sqlite_where=sa.text("receipt_by IS NOT NULL"),
            postgresql_where=sa.text("receipt_by IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_page_id",
            sqlite_where=sa.text("page_id IS NOT NULL"),
            postgresql_where=sa.text("page_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_leased", sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'")
        )
        batch_op.drop_index(
            "ix_outbox_held", sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'")
        )
        batch_op.drop_index(
            "ix_outbox_failing_since",
            sqlite_where=sa.text("failing_since IS NOT NULL"),
            postgresql_where=sa.text("failing_since IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_due", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.drop_index(
            "ix_outbox_contact_id",
            sqlite_where=sa.text("contact_id IS NOT NULL"),
            postgresql_where=sa.text("contact_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_bundle_id",
            sqlite_where=sa.text("bundle_id IS NOT NULL"),
            postgresql_where=sa.text("bundle_id IS NOT NULL"),
        )

    op.drop_table("outbox")
    op.drop_table("login_delays")
    op.drop_table("inbound")
    op.drop_table("heartbeats")
    op.drop_table("flow_revisions")
    op.drop_table("directory_state")
    op.drop_table("contacts")
    op.drop_table("circle_keys")
    with op.batch_alter_table("chat_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chat_messages_mailbox"))
        batch_op.drop_index(batch_op.f("ix_chat_messages_at"))

    op.drop_table("chat_messages")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_report_id"))

    op.drop_table("audit")
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alarms_standing",
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.drop_table("alarms")
    op.drop_table("agents")
    with op.batch_alter_table("address_health", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_address_health_failures", sqlite_where=sa.text("failures > 0"), postgresql_where=sa.text("failures > 0")
        )

    op.drop_table("address_health")

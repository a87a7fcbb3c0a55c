"""PostgreSQL chains the audit by itself: the lock, the head and the links in one statement. SQLite has one writer anyway."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Each statement of a function sees what was committed while it waited for the lock; a single statement would not.
# 280524608852 is "AUDIT" in bytes. `hotline.audit` computes the same links, to verify them.
CHAIN = """
CREATE FUNCTION audit_chain(bodies bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head_seq bigint;
    head_hash bytea;
    body bytea;
    link json;
BEGIN
    PERFORM pg_advisory_xact_lock(280524608852);
    SELECT a.seq, a.hash INTO head_seq, head_hash FROM audit a ORDER BY a.seq DESC LIMIT 1;
    IF NOT FOUND THEN
        head_seq := 0;
        head_hash := decode(repeat('00', 32), 'hex');
    END IF;
    FOREACH body IN ARRAY bodies LOOP
        head_seq := head_seq + 1;
        head_hash := sha256(head_hash || int8send(head_seq) || body);
        link := convert_from(body, 'UTF8')::json;
        INSERT INTO audit (seq, at, event, actor, report_id, data, hash)
        VALUES (head_seq, (link->>0)::timestamptz, link->>1, link->>2, link->>3, link->4, head_hash);
    END LOOP;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(CHAIN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_chain(bytea[])")

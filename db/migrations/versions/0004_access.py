"""Expiry and last use of tokens, people of the identity provider, and the audit trail."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the SQL script beside this file."""
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.run_async(lambda raw: raw.execute(script))

"""Rounds of a recall, steps given back, and the order in which runs are worked on."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL script beside this file."""
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.run_async(lambda raw: raw.execute(script))

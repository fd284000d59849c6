"""A receipt proves that the gateway had the message, whatever its recorded state."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the SQL script beside this file."""
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.run_async(lambda raw: raw.execute(script))

"""Sessions of access tokens, ended provider tokens, and people who are kept out."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the SQL script beside this file."""
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.run_async(lambda raw: raw.execute(script))

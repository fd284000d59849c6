"""The first tables; the SQL is in the file of the same name beside this one."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL script beside this file."""
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.run_async(lambda raw: raw.execute(script))

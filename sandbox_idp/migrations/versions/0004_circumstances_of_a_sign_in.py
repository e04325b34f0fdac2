"""What a sign-in met as it began"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('circumstances', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_column('circumstances')

"""Whether a sign-in under way asks for the rights again"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision.

    The default stays: until it is restarted, a program of the edition before writes rows without the column.
    """
    with op.batch_alter_table('pending_sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ask_consent', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go down from this revision."""
    with op.batch_alter_table('pending_sign_in', schema=None) as batch_op:
        batch_op.drop_column('ask_consent')

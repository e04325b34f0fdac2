"""OpenID clients: their secret on the card, and what their requests carry"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('information_system', schema=None) as batch_op:
        batch_op.add_column(sa.Column('openid_secret_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('pkce_required', sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table('authorization_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('issuer', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('signed_in_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('stand_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('portal_openid_secret', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table('stand_state', schema=None) as batch_op:
        batch_op.drop_column('portal_openid_secret')
    with op.batch_alter_table('authorization_request', schema=None) as batch_op:
        batch_op.drop_column('signed_in_since')
        batch_op.drop_column('issuer')
    with op.batch_alter_table('information_system', schema=None) as batch_op:
        batch_op.drop_column('pkce_required')
        batch_op.drop_column('openid_secret_hash')

"""Drafts that outlive a session, and logout tokens that were used"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('form_draft',
    sa.Column('patient_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('page', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('saved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_form_draft_patient_id_patient')),
    sa.PrimaryKeyConstraint('patient_id', 'page', name=op.f('pk_form_draft'))
    )
    with op.batch_alter_table('form_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_draft_expires_at'), ['expires_at'], unique=False)
    op.create_table('logout_token',
    sa.Column('jti_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('jti_hash', name=op.f('pk_logout_token'))
    )
    with op.batch_alter_table('logout_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_logout_token_expires_at'), ['expires_at'], unique=False)


def downgrade() -> None:
    """Go down from this revision."""
    op.drop_table('logout_token')
    op.drop_table('form_draft')

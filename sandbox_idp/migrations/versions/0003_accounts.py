"""The ground for accounts: codes of any errand, who confirmed when, what a scenario has changed, notices"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.drop_index('ix_one_time_code_attempt')
        batch_op.alter_column('attempt_hash', new_column_name='slot', existing_type=sa.String(), existing_nullable=False)
        batch_op.alter_column('person_oid', existing_type=sa.BigInteger(), nullable=True)
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.create_index('ix_one_time_code_slot', ['slot', 'purpose'], unique=False)
    with op.batch_alter_table('gosuslugi_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('confirmed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('armed', schema=None) as batch_op:
        batch_op.add_column(sa.Column('changed', sa.JSON(), nullable=True))
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('link', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('link_words', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_notice_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_person_oid'), ['person_oid'], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('notice')
    with op.batch_alter_table('armed', schema=None) as batch_op:
        batch_op.drop_column('changed')
    with op.batch_alter_table('gosuslugi_session', schema=None) as batch_op:
        batch_op.drop_column('confirmed_at')
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.drop_index('ix_one_time_code_slot')
        batch_op.alter_column('person_oid', existing_type=sa.BigInteger(), nullable=False)
        batch_op.alter_column('slot', new_column_name='attempt_hash', existing_type=sa.String(), existing_nullable=False)
    with op.batch_alter_table('one_time_code', schema=None) as batch_op:
        batch_op.create_index('ix_one_time_code_attempt', ['attempt_hash', 'purpose'], unique=False)

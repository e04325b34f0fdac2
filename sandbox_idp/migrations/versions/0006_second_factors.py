"""Second factors: the mobile app, backup codes, apps being connected, messages that repeat each other"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('app_installed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('second_factor', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('echo_of', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_message_echo_of_message'), 'message', ['echo_of'], ['id'])
        batch_op.create_index(batch_op.f('ix_message_echo_of'), ['echo_of'], unique=False)
    op.create_table('backup_code',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('code_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_backup_code_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup_code')),
    sa.UniqueConstraint('person_oid', 'code_hash', name='uq_backup_code_hash')
    )
    op.create_table('backup_sheet',
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('codes', sa.JSON(), nullable=False),
    sa.Column('written_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_backup_sheet_person_oid_person')),
    sa.PrimaryKeyConstraint('person_oid', name=op.f('pk_backup_sheet'))
    )
    op.create_table('totp_setup',
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('secret', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wrong_codes', sa.Integer(), nullable=False),
    sa.Column('begun_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_totp_setup_person_oid_person')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_totp_setup'))
    )
    with op.batch_alter_table('totp_setup', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_totp_setup_person_oid'), ['person_oid'], unique=False)
    op.create_table('push_request',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sign_in', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'approved', 'wrong', 'rejected', 'expired', 'replaced')", name=op.f('ck_push_request_state')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_push_request_message_id_message')),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_push_request_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_request'))
    )
    with op.batch_alter_table('push_request', schema=None) as batch_op:
        batch_op.create_index('ix_push_request_person', ['person_oid', 'asked_at'], unique=False)
        batch_op.create_index('ix_push_request_address', ['address', 'asked_at'], unique=False)
        batch_op.create_index('uq_push_request_newest', ['key', 'purpose'], unique=True, sqlite_where=sa.text("state <> 'replaced'"), postgresql_where=sa.text("state <> 'replaced'"))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('push_request')
    op.drop_table('totp_setup')
    op.drop_table('backup_sheet')
    op.drop_table('backup_code')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_echo_of'))
        batch_op.drop_constraint(batch_op.f('fk_message_echo_of_message'), type_='foreignkey')
        batch_op.drop_column('echo_of')
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.drop_column('second_factor')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('app_installed_at')

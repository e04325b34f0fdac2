"""Questions to the registries, and confirmations of who somebody is"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('registry_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('asked_of', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('slow', sa.Boolean(), nullable=False),
    sa.Column('postponed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint("asked_of in ('passport', 'snils', 'insured')", name=op.f('ck_registry_check_asked_of')),
    sa.CheckConstraint("answer in ('found', 'not-found', 'mismatch', 'taken', 'withdrawn', 'refused')", name=op.f('ck_registry_check_answer')),
    sa.CheckConstraint("(answer is null) = (answered_at is null)", name=op.f('ck_registry_check_answered')),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_registry_check_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registry_check'))
    )
    with op.batch_alter_table('registry_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registry_check_person_oid'), ['person_oid'], unique=False)
        batch_op.create_index('uq_registry_check_open', ['person_oid', 'asked_of'], unique=True, sqlite_where=sa.text('answered_at is null'), postgresql_where=sa.text('answered_at is null'))
    op.create_table('identity_confirmation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_oid', sa.BigInteger(), nullable=False),
    sa.Column('session_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('method', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('link_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('wrong_codes', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("method in ('mail', 'card')", name=op.f('ck_identity_confirmation_method')),
    sa.CheckConstraint("state in ('open', 'passed', 'declined', 'timeout', 'cancelled', 'unsupported', 'not-linked', 'wrong-code', 'replaced')", name=op.f('ck_identity_confirmation_state')),
    sa.CheckConstraint("(state = 'open') = (finished_at is null)", name=op.f('ck_identity_confirmation_finished')),
    sa.ForeignKeyConstraint(['person_oid'], ['person.oid'], name=op.f('fk_identity_confirmation_person_oid_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_confirmation')),
    sa.UniqueConstraint('link_hash', name=op.f('uq_identity_confirmation_link_hash'))
    )
    with op.batch_alter_table('identity_confirmation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_confirmation_person_oid'), ['person_oid'], unique=False)
        batch_op.create_index('uq_identity_confirmation_open', ['session_hash'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('card_linked', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.alter_column('card_linked', server_default=None, existing_type=sa.Boolean(), existing_nullable=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('card_linked')
    op.drop_table('identity_confirmation')
    op.drop_table('registry_check')

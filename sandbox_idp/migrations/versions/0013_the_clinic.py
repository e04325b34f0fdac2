"""The medical system of a stand: cards, records, appointments, waiting lists, home visits, papers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    op.create_table('clinic_application',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('who', sa.JSON(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind in ('attachment', 'record-copy')", name=op.f('ck_clinic_application_kind')),
    sa.CheckConstraint("state in ('sent', 'granted', 'refused', 'withdrawn')", name=op.f('ck_clinic_application_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_application')),
    sa.UniqueConstraint('number', name=op.f('uq_clinic_application_number'))
    )
    with op.batch_alter_table('clinic_application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clinic_application_owner'), ['owner'], unique=False)
        batch_op.create_index('uq_clinic_application_open', ['owner', 'kind'], unique=True, sqlite_where=sa.text("state = 'sent'"), postgresql_where=sa.text("state = 'sent'"))
    op.create_table('clinic_block',
    sa.Column('doctor', sa.Integer(), nullable=False),
    sa.Column('start', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("kind in ('blocked', 'freed')", name=op.f('ck_clinic_block_kind')),
    sa.PrimaryKeyConstraint('doctor', 'start', name=op.f('pk_clinic_block'))
    )
    op.create_table('clinic_card',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('persona', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('surname', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('patronymic', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('sex', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('snils', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('policy', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('insurer', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('area', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('attached_on', sa.Date(), nullable=True),
    sa.CheckConstraint("sex in ('female', 'male')", name=op.f('ck_clinic_card_sex')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_card')),
    sa.UniqueConstraint('number', name=op.f('uq_clinic_card_number'))
    )
    with op.batch_alter_table('clinic_card', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clinic_card_policy'), ['policy'], unique=False)
        batch_op.create_index(batch_op.f('ix_clinic_card_snils'), ['snils'], unique=False)
    op.create_table('clinic_key',
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('object_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('owner', 'key', name=op.f('pk_clinic_key'))
    )
    op.create_table('clinic_booking',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('doctor', sa.Integer(), nullable=False),
    sa.Column('start', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('end', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('speciality', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("state in ('booked', 'cancelled', 'attended', 'missed')", name=op.f('ck_clinic_booking_state')),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_booking_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_booking')),
    sa.UniqueConstraint('number', name=op.f('uq_clinic_booking_number'))
    )
    with op.batch_alter_table('clinic_booking', schema=None) as batch_op:
        batch_op.create_index('ix_clinic_booking_card', ['card_id', 'start'], unique=False)
        batch_op.create_index('ix_clinic_booking_site', ['site', 'start'], unique=False)
        batch_op.create_index('uq_clinic_booking_slot', ['doctor', 'start'], unique=True, sqlite_where=sa.text("state <> 'cancelled'"), postgresql_where=sa.text("state <> 'cancelled'"))
        batch_op.create_index('uq_clinic_booking_speciality', ['card_id', 'speciality'], unique=True, sqlite_where=sa.text("state = 'booked'"), postgresql_where=sa.text("state = 'booked'"))
    op.create_table('clinic_certificate',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ready_by', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('refused_because', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state in ('requested', 'ready', 'refused')", name=op.f('ck_clinic_certificate_state')),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_certificate_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_certificate')),
    sa.UniqueConstraint('number', name=op.f('uq_clinic_certificate_number'))
    )
    with op.batch_alter_table('clinic_certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clinic_certificate_card_id'), ['card_id'], unique=False)
        batch_op.create_index('uq_clinic_certificate_open', ['card_id', 'kind'], unique=True, sqlite_where=sa.text("state = 'requested'"), postgresql_where=sa.text("state = 'requested'"))
    op.create_table('clinic_document',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_document_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_document'))
    )
    with op.batch_alter_table('clinic_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clinic_document_card_id'), ['card_id'], unique=False)
    op.create_table('clinic_entry',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('doctor', sa.Integer(), nullable=True),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('figures', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('cost', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_entry_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_entry'))
    )
    with op.batch_alter_table('clinic_entry', schema=None) as batch_op:
        batch_op.create_index('ix_clinic_entry_cost', ['card_id', 'year'], unique=False, sqlite_where=sa.text('cost is not null'), postgresql_where=sa.text('cost is not null'))
        batch_op.create_index('ix_clinic_entry_page', ['card_id', 'kind', 'at', 'id'], unique=False)
    op.create_table('clinic_home_visit',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('complaint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('begins_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ends_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state in ('accepted', 'cancelled', 'visited')", name=op.f('ck_clinic_home_visit_state')),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_home_visit_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_home_visit')),
    sa.UniqueConstraint('number', name=op.f('uq_clinic_home_visit_number'))
    )
    with op.batch_alter_table('clinic_home_visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clinic_home_visit_card_id'), ['card_id'], unique=False)
        batch_op.create_index('uq_clinic_home_visit_open', ['card_id'], unique=True, sqlite_where=sa.text("state = 'accepted'"), postgresql_where=sa.text("state = 'accepted'"))
    op.create_table('clinic_transfer',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('document', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recipient', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state in ('delivered', 'pending', 'failed')", name=op.f('ck_clinic_transfer_state')),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_transfer_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_transfer'))
    )
    with op.batch_alter_table('clinic_transfer', schema=None) as batch_op:
        batch_op.create_index('ix_clinic_transfer_page', ['card_id', 'at', 'id'], unique=False)
    op.create_table('clinic_waiting',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('card_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('site', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('speciality', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('offered_doctor', sa.Integer(), nullable=True),
    sa.Column('offered_start', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('offered_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('left_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['card_id'], ['clinic_card.id'], name=op.f('fk_clinic_waiting_card_id_clinic_card')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic_waiting'))
    )
    with op.batch_alter_table('clinic_waiting', schema=None) as batch_op:
        batch_op.create_index('ix_clinic_waiting_list', ['site', 'speciality', 'since'], unique=False)
        batch_op.create_index('ix_clinic_waiting_offer', ['offered_doctor', 'offered_start'], unique=False)
        batch_op.create_index('uq_clinic_waiting_place', ['card_id', 'site', 'speciality'], unique=True, sqlite_where=sa.text('left_at is null'), postgresql_where=sa.text('left_at is null'))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table('clinic_waiting')
    op.drop_table('clinic_transfer')
    op.drop_table('clinic_home_visit')
    op.drop_table('clinic_entry')
    op.drop_table('clinic_document')
    op.drop_table('clinic_certificate')
    op.drop_table('clinic_booking')
    op.drop_table('clinic_key')
    op.drop_table('clinic_card')
    op.drop_table('clinic_block')
    op.drop_table('clinic_application')

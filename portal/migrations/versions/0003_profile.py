"""The number of a cabinet"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up to this revision."""
    with op.batch_alter_table('patient', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_unique_constraint('uq_patient_number', ['number'])
    # Patients of before get theirs from their id, which is random already.
    op.execute("update patient set number = upper(substr(id, 1, 3) || '-' || substr(id, 4, 3) || '-' || substr(id, 10, 3))")


def downgrade() -> None:
    """Go back down."""
    with op.batch_alter_table('patient', schema=None) as batch_op:
        batch_op.drop_constraint('uq_patient_number', type_='unique')
        batch_op.drop_column('number')

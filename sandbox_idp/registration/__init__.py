"""Registration at the training Gosuslugi: four fields, a code, a password, the profile (R-005…R-014, R-066…R-070)."""

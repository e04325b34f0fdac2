"""Reports for the clinic's staff: visits by period and speciality (R-037)."""

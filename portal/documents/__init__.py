"""Documents of a patient: uploads, certificates of the clinic, applications to it (R-045, R-065, R-083)."""

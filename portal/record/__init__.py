"""The electronic card: what the clinics know of a patient, who received it, and what it cost (R-035, R-036, R-043)."""

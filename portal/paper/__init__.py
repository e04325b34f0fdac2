"""Documents to print, as PDF: one form for all of them (talon, certificate, copy of a result)."""

"""What both programs stand on: clock, ids, settings, database and web plumbing.

It knows no feature, no stand and neither program: `portal` and `sandbox_idp` import it, never the other way round
(the import contract in `pyproject.toml` keeps it so).
"""

"""Failures as data: the catalogue of scenarios, the engine that makes them happen, and the gate around both programs.

How to add one: `docs/scenarios.md`. Where to begin reading: `catalogue.py` (files), `arming.py` (switches), `gate.py`
(requests), `engine.py` (what passes through the rooms), `effects/` (one class for each kind of failure).
"""

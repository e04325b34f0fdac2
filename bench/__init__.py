"""Measures how fast the two programs are, as ratios inside one run (`docs/performance.md`). Run with `make bench`."""

"""`python -m bench`: measure every row, print the table, write bench.json."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from itertools import chain
from pathlib import Path

from bench import machine
from bench.rows import on_postgresql, on_sqlite
from bench.table import QUICK, Row, Size
from foundation import log

OUTPUT = Path(__file__).resolve().parent.parent / "bench.json"


def main(arguments: list[str]) -> int:
    """Measure and report. The exit code says nothing about the figures: a slow machine is no failure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few measurements only, to see that it works")
    parser.add_argument("only", nargs="*", metavar="row", help="only these, named without what is in brackets")
    options = parser.parse_args(arguments)
    size = QUICK if options.quick else Size()
    log.configure("warning")
    rows: list[Row] = []
    print(f"{machine.CORES} cores, Python {platform.python_version()}, {platform.machine()}\n", flush=True)
    for row in chain(on_sqlite(size, options.only), on_postgresql(size, options.only)):
        rows.append(row)
        print(_line(row), flush=True)
    document = {
        "machine": {"cores": machine.CORES, "python": platform.python_version(), "processor": platform.machine()},
        "rows": [row.as_dict() for row in rows],
    }
    OUTPUT.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {OUTPUT.name}")
    return 0


def _line(row: Row) -> str:
    figures = ", ".join(f"{name} {value:.4g}" for name, value in row.figures.items())
    disturbed = f" [{row.left_out} disturbed measurements left out]" if row.left_out else ""
    verdict = "reached" if row.met else "NOT reached"
    return f"{row.id:<36} {row.value:>9.3f}  {row.target:<11} {verdict:<12} {row.what}{disturbed}\n{'':38}{figures}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

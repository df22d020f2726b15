"""bin/bench: measures full desks of several sizes on both databases, and prints the figures beside the aims.

    bin/bench [--tickets 100000,1000000] [--databases sqlite,postgres] [--rounds 200] [--only WORD] [--json FILE]
    bin/bench --compare BEFORE.json AFTER.json

Each part is a script of its own beside this one, run in a process of its own: pages.py, start.py, live.py.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.aims import AIMS, GROWTH, NONE, Aim  # noqa: E402
from bench.figures import NOT_COUNTED, Figure, keep, read  # noqa: E402

# database, tickets and the name of a figure
Report = dict[tuple[str, int, str], Figure]
# A figure of the seeding, kept beside the desk: it is measured once.
SEEDED = "seeded.json"
# Seeding this many is to be over in so many minutes; fewer in their share of it.
SEED_TICKETS, SEED_MINUTES = 1_000_000, 15
LINE = "{:44} {:>12} {:>20} {:>20} {:>8}  {}"


def main() -> None:
    """Measure, print, keep; or compare what was kept."""
    options = _options()
    if options.compare:
        compare(*(from_file(Path(name)) for name in options.compare))
        return
    report: Report = {}
    sizes = sorted(int(one) for one in options.tickets.split(","))
    for database in options.databases.split(","):
        for size in sizes:
            for figure in measured(database, size, options):
                report[database, size, figure.name] = figure
    show(report)
    if options.json:
        rows = [
            {"database": database, "tickets": size, **asdict(figure)}
            for (database, size, _name), figure in report.items()
        ]
        Path(options.json).write_text(json.dumps(rows, indent=1))


def measured(database: str, size: int, options: argparse.Namespace) -> Iterator[Figure]:
    """Yield all figures of one desk, which is filled first when it is not there."""
    folder = Path(options.desks).resolve() / f"{database}-{size}"
    data = folder / "data"
    beside = ["bin/with-postgres", "--keep", str(folder / "server")]
    server = beside if database == "postgres" else []
    if not (folder / SEEDED).exists():
        _seed(server, folder, size)
    yield from read(folder / SEEDED)
    rounds = ["--rounds", str(options.rounds), "--only", options.only]
    yield from _run([*server, sys.executable, "bench/pages.py", "--data", str(data), *rounds])
    if options.only:
        return
    yield from _run([*server, sys.executable, "bench/start.py", "--data", str(data)])
    alone = ["bin/with-postgres"] if database == "postgres" else []
    yield from _run([*alone, sys.executable, "bench/live.py"])


def _seed(server: list[str], folder: Path, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    command = ["bin/deskbell", "seed", "--data", str(folder / "data"), "--tickets", str(size)]
    subprocess.run([*server, *command], cwd=ROOT, check=True)
    minutes = (time.monotonic() - began) / 60
    keep([Figure("filling the desk", minutes, rounds=1, unit="min")], str(folder / SEEDED))


def _run(command: list[str]) -> list[Figure]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([*command, "--json", file.name], cwd=ROOT, check=True)
        return read(Path(file.name))


def show(report: Report) -> None:
    """Print every figure beside its aim, and how much it grew from the smallest desk to the largest."""
    print(
        f"\n{os.cpu_count()} processors, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f}; median (p95), or (longest) of a few; ✗ misses its aim"
    )
    for database in sorted({database for database, _size, _name in report}, reverse=True):
        sizes = sorted({size for one, size, _name in report if one == database})
        names = list(dict.fromkeys(name for one, _size, name in report if one == database))
        heads = [f"{size:,} tickets" for size in (sizes[0], *sizes[1:][-1:])]
        heads += [""] if len(sizes) == 1 else []
        print("\n" + LINE.format(database, "aim", *heads, "growth", "").rstrip())
        for name in names:
            found = [report.get((database, size, name)) for size in sizes]
            print(line(name, found[0], found[-1] if len(found) > 1 else None, sizes[-1]))


def line(name: str, small: Figure | None, large: Figure | None, tickets: int) -> str:
    """Return a figure of the smallest and of the largest desk as a line of the report.

    tickets  of the largest desk: what the aim is about
    """
    aim = aim_of(name, tickets)
    last = large or small
    missed = 0.0 if last is None or last.median is None else aim.missed_by(last.median, last.p95)
    grown = _growth(small, large)
    remarks = [f"✗ {missed:.1f} times the aim"] if missed > 1 else []
    if grown is not None and last is not None and last.unit == "ms" and grown > GROWTH:
        remarks.append(f"✗ grows by more than {GROWTH}")
    growth = "" if grown is None else f"× {grown:.1f}"
    return LINE.format(
        name, _aimed(aim), _figure(small), _figure(large), growth, ", ".join(remarks)
    ).rstrip()


def aim_of(name: str, tickets: int) -> Aim:
    """Return what a figure aims at on a desk of so many tickets."""
    if name == "filling the desk":
        return Aim(SEED_MINUTES * max(tickets / SEED_TICKETS, 0.1))
    return AIMS.get(name, NONE)


def _aimed(aim: Aim) -> str:
    median = "" if aim.median is None else f"{aim.median:g}"
    p95 = "" if aim.p95 is None else f" ({aim.p95:g})"
    return f"{'≥ ' if aim.at_least else ''}{median}{p95}".strip()


def _figure(figure: Figure | None) -> str:
    if figure is None or figure.median is None:
        return ""
    p95 = "" if figure.p95 is None else f" ({figure.p95:.1f})"
    queries = "" if figure.queries == NOT_COUNTED else f" {figure.queries}q"
    return f"{figure.median:.1f}{p95} {figure.unit}{queries}"


def _growth(small: Figure | None, large: Figure | None) -> float | None:
    if small is None or large is None or not small.median or large.median is None:
        return None
    return large.median / small.median


def compare(before: Report, after: Report) -> None:
    """Print the medians of two runs beside each other."""
    for key in before.keys() & after.keys():
        old, new = before[key].median, after[key].median
        if old and new is not None:
            database, size, name = key
            print(f"{database:9} {size:>9,} {name:44} {old:9.1f} {new:9.1f}  × {new / old:.2f}")


def from_file(path: Path) -> Report:
    """Return the report that --json wrote."""
    found: Report = {}
    for row in json.loads(path.read_text()):
        database, size = row.pop("database"), row.pop("tickets")
        found[database, size, row["name"]] = Figure(**row)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", default="100000,1000000", help="how many, smallest first")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=200, help="requests of each kind")
    parser.add_argument("--only", default="", help="only pages whose name holds this word")
    parser.add_argument("--desks", default=".cache/desks", help="where the full desks are kept")
    parser.add_argument("--json", default="", help="write all figures into this file too")
    parser.add_argument("--compare", nargs=2, metavar="FILE", help="two files of --json")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Writes one small table with every compression, in row groups of 7, for the parquet reader.

    python test/reference/parquet.py [--out test/reference/parquet]

CODEC.parquet   columns `id` int64, `text` string, `note` nullable string; 23 rows; row i's text is `word(i)` below
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow
import pyarrow.parquet


def word(i: int) -> str:
    return f"Row {i} holds ünïcode {'and more of it, ' * (i % 5)}\n" if i % 6 else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "parquet")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    rows = range(23)
    notes = [None if i % 4 == 0 else f"note {i}" for i in rows]
    table = pyarrow.table({"id": list(rows), "text": [word(i) for i in rows], "note": notes})
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        pyarrow.parquet.write_table(table, out / f"{codec}.parquet", compression=codec, row_group_size=7)


if __name__ == "__main__":
    main()

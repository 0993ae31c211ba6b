"""Compares two pruned checkpoints of one source matrix by matrix: do they remove the same weights, and how far are the kept apart?

    python scripts/peers/compare_masks.py A B SOURCE [--json]

agreement     share of weights that are zero in both or in neither. Two masks drawn at random at 50 % agree on 0.5.
difference    ‖A − B‖ / ‖A‖
kept          ‖A − B‖ / ‖A‖ over the weights that both keep: the repair apart from the mask
moveA, moveB  ‖A − SOURCE‖ / ‖SOURCE‖, of B likewise

The first block deserves its own line: it is the only one whose inputs are the same for both, so a difference there is the method's
or the arithmetic's, and one that only shows later is carried on by the hidden states.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from checkpoint import Checkpoint, block_of


def compare(a: torch.Tensor, b: torch.Tensor, source: torch.Tensor) -> dict[str, Any]:
    """Sums of one matrix, from which shares of a matrix and of many follow."""
    a, b, source = a.double(), b.double(), source.double()
    both = (a != 0) & (b != 0)
    return {
        "weights": a.numel(),
        "agree": int(((a == 0) == (b == 0)).sum()),
        "zerosA": int((a == 0).sum()),
        "zerosB": int((b == 0).sum()),
        "identical": int((a == b).sum()),
        "a2": (a**2).sum().item(),
        "difference2": ((a - b) ** 2).sum().item(),
        "keptA2": (a[both] ** 2).sum().item(),
        "keptDifference2": ((a - b)[both] ** 2).sum().item(),
        "source2": (source**2).sum().item(),
        "moveA2": ((a - source) ** 2).sum().item(),
        "moveB2": ((b - source) ** 2).sum().item(),
    }


def shares(sums: list[dict[str, Any]]) -> dict[str, float]:
    total = {key: sum(one[key] for one in sums) for key in sums[0]}
    root = lambda above, below: (total[above] / total[below]) ** 0.5 if total[below] else 0.0
    return {
        "agreement": total["agree"] / total["weights"],
        "sparsityA": total["zerosA"] / total["weights"],
        "sparsityB": total["zerosB"] / total["weights"],
        "identical": total["identical"] / total["weights"],
        "difference": root("difference2", "a2"),
        "kept": root("keptDifference2", "keptA2"),
        "moveA": root("moveA2", "source2"),
        "moveB": root("moveB2", "source2"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", type=Path, metavar="A")
    parser.add_argument("b", type=Path, metavar="B")
    parser.add_argument("source", type=Path, metavar="SOURCE")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    a, b, source = Checkpoint(args.a), Checkpoint(args.b), Checkpoint(args.source)
    missing = [name for name in source.matrices() if name not in a or name not in b]
    if missing:
        raise SystemExit(f"{missing[0]} and {len(missing) - 1} more of the source's matrices are missing in A or B")
    sums = {name: compare(a[name], b[name], source[name]) for name in source.matrices()}
    blocks = sorted({block_of(name) for name in sums})
    result = {
        "whole": shares(list(sums.values())),
        "firstBlock": shares([one for name, one in sums.items() if block_of(name) == blocks[0]]),
        "blocks": {block: shares([one for name, one in sums.items() if block_of(name) == block]) for block in blocks},
        "matrices": {name: shares([one]) for name, one in sums.items()},
    }
    if args.json:
        print(json.dumps(result, indent=1))
    else:
        print_table(result)


def print_table(result: dict[str, Any]) -> None:
    columns = list(result["whole"])
    print(f"{'':44}" + "".join(f"{column:>12}" for column in columns))
    lines = {"first block": result["firstBlock"], "whole": result["whole"]}
    lines |= {f"block {block}": figures for block, figures in result["blocks"].items()} | result["matrices"]
    for name, figures in lines.items():
        print(f"{name:44}" + "".join(f"{figures[column]:12.6f}" for column in columns))


if __name__ == "__main__":
    main()

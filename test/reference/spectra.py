"""Writes the tail exponents of the spectra of the sample model's linears, by singular values in float64.

    python test/reference/spectra.py MODEL_DIR [--out test/reference/spectra.json]

`median`     the tail begins at the median eigenvalue
`peak`       at the eigenvalue from 0.95 to 1.5 times the peak of the histogram of log10 λ from which on a power law fits best
`published`  the same with the published lower bound, log10(0.95 · peak), which is compared with λ itself
"""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import load_file

from versions import versions

BINS = 100


def exponent(eigenvalues: torch.Tensor, start: int) -> float:
    tail = eigenvalues[start:]
    return float(1 + len(tail) / torch.log(tail / tail[0]).sum())


def distance(eigenvalues: torch.Tensor, start: int) -> float:
    tail = eigenvalues[start:]
    model = 1 - (tail / tail[0]) ** (1 - exponent(eigenvalues, start))
    return float((model - torch.arange(len(tail)) / len(tail)).abs().max())


def peak(eigenvalues: torch.Tensor) -> float:
    logs = torch.log10(eigenvalues)
    low, high = float(logs[0]), float(logs[-1])
    counts = torch.histc(logs, BINS, min=low, max=high)
    return 10 ** (low + int(counts.argmax()) * (high - low) / BINS)


def best(eigenvalues: torch.Tensor, low: float, high: float) -> float:
    starts = [i for i in range(len(eigenvalues) - 1) if low <= eigenvalues[i] <= high]
    return exponent(eigenvalues, min(starts, key=lambda start: distance(eigenvalues, start)))


def exponents(weight: torch.Tensor) -> dict[str, float]:
    eigenvalues = torch.linalg.svdvals(weight.double()).square().sort().values
    top = peak(eigenvalues)
    return {
        "median": exponent(eigenvalues, len(eigenvalues) // 2),
        "peak": best(eigenvalues, 0.95 * top, 1.5 * top),
        "published": best(eigenvalues, math.log10(0.95 * top), 1.5 * top),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "spectra.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    weights = load_file(args.model / "model.safetensors")
    found = {name: exponents(weight) for name, weight in weights.items() if name.endswith("_proj.weight")}
    rows = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(found.items()))
    args.out.write_text(f'{{"versions": {json.dumps(versions())},\n "exponents": {{\n  {rows}\n}}}}\n')
    print(f"{len(found)} matrices; {sum(row['peak'] != row['published'] for row in found.values())} differ by the published bound")


if __name__ == "__main__":
    main()

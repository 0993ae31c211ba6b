"""Draws calibration windows from a text and writes them for run_peer.py and for a recipe's `calibrate: tokens`.

    python scripts/peers/draw_tokens.py MODEL TEXT OUT.safetensors --samples 64 --length 256 [--seed 0]

The text is tokenised once; windows start at random tokens (numpy's default generator) and may overlap. Writes `input_ids`, int64
`[samples, length]`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test" / "reference"))

import numpy as np
from safetensors.numpy import save_file
from transformers import AutoTokenizer

from perplexity import read_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    ids = np.array(AutoTokenizer.from_pretrained(args.model)(read_text(args.text), verbose=False).input_ids, dtype=np.int64)
    starts = np.random.default_rng(args.seed).integers(0, len(ids) - args.length + 1, args.samples)
    windows = np.stack([ids[start : start + args.length] for start in starts])
    save_file({"input_ids": windows}, args.out)
    print(f"{windows.shape} of {len(ids)} tokens")


if __name__ == "__main__":
    main()

"""Writes random blocks of every type that Secateur dequantizes and what the `gguf` package makes of them.

    python test/reference/gguf_blocks.py [--out test/reference/gguf/blocks.json]

Needs gguf 0.19.0 and numpy. Per type: `blocks`, base64 of the bytes of a few blocks, and `values`, base64 of the f32 they stand for.
All bytes are random but the half-precision scales, which are drawn finite: of either sign, and one of them subnormal.
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

# Scales of one byte that stand for something special: zero, the smallest, NaN.
EDGES = {"MXFP4": [0, 1, 255], "NVFP4": [0, 1, 0x7F, 0xFF]}

# Where a block keeps its f16 scales, by type; types without one have none.
SCALES = {
    "F32": [],
    "F16": [],
    "BF16": [],
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
    "TQ1_0": [52],
    "TQ2_0": [64],
    "MXFP4": [],
    "NVFP4": [],
}


def make(name: str, rng: np.random.Generator) -> dict[str, str]:
    kind = GGMLQuantizationType[name]
    values, size = GGML_QUANT_SIZES[kind]
    count = 64 if values == 1 else 512 // values if values < 256 else 2
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for at in SCALES[name]:
        scales = rng.normal(0, 0.3, count).astype(np.float16)
        scales[0] = np.float16(3.1e-5)
        blocks[:, at : at + 2] = scales.view(np.uint8).reshape(count, 2)
    for block, edge in enumerate(EDGES.get(name, [])):
        blocks[block, 0] = edge
    # The package knows BF16 by rows; as one row every type is a whole number of blocks.
    decoded = gguf.dequantize(blocks.reshape(1, -1), kind).astype(np.float32)
    assert decoded.size == count * values
    return {
        "blocks": base64.b64encode(blocks.tobytes()).decode(),
        "values": base64.b64encode(decoded.astype("<f4").tobytes()).decode(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "gguf" / "blocks.json")
    args = parser.parse_args()
    rng = np.random.default_rng(7)
    # Random floats of 16 and 32 bits hold NaN and infinities, which is wanted.
    with np.errstate(invalid="ignore", over="ignore"):
        result = {name: make(name, rng) for name in SCALES}
    args.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

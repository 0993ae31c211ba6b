"""Logits of SmolLM2-135M-Instruct by transformers in float32, every 97th column, for test/families/logits.test.ts.

python test/reference/smollm2.py models/SmolLM2-135M-Instruct
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from versions import versions

STEP = 97


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "smollm2")
    arguments = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    ids = torch.randint(0, model.config.vocab_size, (2, 48), generator=torch.Generator().manual_seed(11))
    with torch.no_grad():
        logits = model(ids).logits[:, :, ::STEP].contiguous()
    arguments.out.mkdir(exist_ok=True)
    save_file({"input_ids": ids, "logits": logits}, arguments.out / "reference.safetensors", {"format": "pt"})
    (arguments.out / "versions.json").write_text(json.dumps({"step": STEP, **versions()}, indent=1) + "\n")


if __name__ == "__main__":
    main()

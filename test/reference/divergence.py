"""Writes what pruning single matrices of the sample model does to its predictions, by transformers in float64.

    python test/reference/divergence.py MODEL_DIR [--out test/reference/sample/divergence.json]

Each case sets all weights of the named matrices below a threshold (in size) to zero. `kl` is KL(dense || pruned) over the whole
vocabulary, mean over all positions; `nll` the mean negative log likelihood of the next token minus the dense model's. `ids` are the
windows, each of which starts cold.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from transformers import AutoTokenizer

from perplexity import load_model
from sample import SENTENCES
from versions import versions

LENGTH = 24

CASES = [
    (["model.layers.0.mlp.down_proj.weight"], 0.02),
    (["model.layers.2.self_attn.q_proj.weight"], 0.05),
    (["model.layers.5.mlp.gate_proj.weight"], 0.06),
    (["model.layers.1.self_attn.v_proj.weight", "model.layers.4.mlp.up_proj.weight", "model.layers.5.self_attn.o_proj.weight"], 0.04),
]


@torch.no_grad()
def predictions(model: torch.nn.Module, ids: torch.Tensor) -> torch.Tensor:
    return torch.stack([model(input_ids=window[None], use_cache=False).logits[0] for window in ids]).log_softmax(-1)


def likelihood(logs: torch.Tensor, ids: torch.Tensor) -> float:
    return -logs[:, :-1].gather(-1, ids[:, 1:, None]).mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "sample" / "divergence.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    ids = torch.tensor([tokenizer(sentence).input_ids[:LENGTH] for sentence in SENTENCES])
    model = load_model(args.model, attention="eager").double()
    dense = predictions(model, ids)
    cases = []
    for names, below in CASES:
        kept = {name: model.get_parameter(name).detach().clone() for name in names}
        for name, weight in kept.items():
            model.get_parameter(name).data = torch.where(weight.abs() < below, 0.0, weight)
        pruned = predictions(model, ids)
        kl = (dense.exp() * (dense - pruned)).sum(-1).mean().item()
        nll = likelihood(pruned, ids) - likelihood(dense, ids)
        cases.append({"matrices": names, "below": below, "kl": kl, "nll": nll})
        for name, weight in kept.items():
            model.get_parameter(name).data = weight
    args.out.write_text(json.dumps({"versions": versions(), "ids": ids.tolist(), "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()

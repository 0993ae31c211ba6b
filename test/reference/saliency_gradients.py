"""Writes what PyTorch makes of the gradients that saliencies blend in, and of a few steps of regional optimisation, in float32.

    python test/reference/saliency_gradients.py MODEL_DIR [--out test/reference/saliency_gradients]

Two windows, the input_ids of test/reference/sample. Of block 2, for each linear's weight, with g_n the gradient of window n:

block      sqrt(mean g_n^2) of the Frobenius norm of the block's output
loss       sqrt(mean g_n^2) of the mean cross entropy of the window
regional   the weight after torch.optim.RMSprop (lr 1e-4, its defaults), two steps, one a window in order, on the squared error of the
           block's output against that of the dense block; it starts with every entry of even index at 0, and ends so
error      that squared error before either step, and after both

Of every result `norm`, the root of its sum of squares, and `values`, each STRIDE-th of its entries in row-major order.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import load_file
from transformers.utils import logging

from perplexity import load_model
from versions import versions

BLOCK = 2
STRIDE = 499
RATE = 1e-4


def summary(value: torch.Tensor) -> dict[str, object]:
    flat = value.detach().flatten()
    return {"norm": float(flat.double().norm()), "values": [float(f"{entry:.9g}") for entry in flat[::STRIDE].tolist()]}


def rms(gradients: list[dict[str, torch.Tensor]]) -> dict[str, object]:
    return {name: summary(torch.stack([g[name] for g in gradients]).square().mean(0).sqrt()) for name in gradients[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "saliency_gradients")
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    model = load_model(args.model, "eager")
    ids = load_file(Path(__file__).parent / "sample" / "reference.safetensors")["input_ids"]
    layer = model.model.layers[BLOCK]
    weights = {f"model.layers.{BLOCK}.{name}.weight": module.weight for name, module in layer.named_modules() if isinstance(module, torch.nn.Linear)}

    calls: list[tuple[tuple, dict]] = []
    hook = layer.register_forward_pre_hook(lambda _module, positional, named: calls.append((positional, named)), with_kwargs=True)
    losses = [model(input_ids=window[None], labels=window[None], use_cache=False).loss for window in ids]
    hook.remove()
    loss = rms([dict(zip(weights, torch.autograd.grad(value, list(weights.values())))) for value in losses])

    inputs = [(tuple(x.detach() for x in positional), {k: v for k, v in named.items() if k != "past_key_values"}) for positional, named in calls]

    def run(index: int) -> torch.Tensor:
        positional, named = inputs[index]
        output = layer(*positional, **named)
        return output[0] if isinstance(output, tuple) else output

    block = rms([dict(zip(weights, torch.autograd.grad(run(n).norm(), list(weights.values())))) for n in range(len(ids))])

    with torch.no_grad():
        dense = [run(n) for n in range(len(ids))]
        for weight in weights.values():
            weight.view(-1)[::2] = 0
    error_of = lambda n: (run(n) - dense[n]).square().sum()
    before = [error_of(n).item() for n in range(len(ids))]
    optimizer = torch.optim.RMSprop(list(weights.values()), lr=RATE)
    for n in range(len(ids)):
        optimizer.zero_grad()
        error_of(n).backward()
        optimizer.step()
    with torch.no_grad():
        for weight in weights.values():
            weight.view(-1)[::2] = 0
    after = [error_of(n).item() for n in range(len(ids))]

    result = {
        "versions": versions(),
        "block_index": BLOCK,
        "stride": STRIDE,
        "rate": RATE,
        "block": block,
        "loss": loss,
        "regional": {name: summary(weight) for name, weight in weights.items()},
        "error": {"before": before, "after": after},
    }
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "sample.json").write_text(json.dumps(result, indent=1) + "\n")
    print("error", before, "->", after)


if __name__ == "__main__":
    main()

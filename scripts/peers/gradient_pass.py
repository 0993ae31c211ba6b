"""One pass through the model as the benchmark times it, by PyTorch: gradients, or products of the Hessian with one probe.

    python scripts/peers/gradient_pass.py gradient|curvature --model DIR --tokens FILE [--windows 4] [--length 512] [--threads 2]

The same work as scripts/gradient-pass.ts: for each window the squared norm of the gradient of every prunable matrix (loss summed over
the window), or zᵀHz of every prunable matrix (loss averaged over all windows, one Rademacher probe) by a double backward. Only the
prunable matrices ask for gradients. The double backward takes eager attention, since the fused one has no second derivative.

Prints one line of JSON: the seconds of the pass itself, without imports and loading, and the sum of what it found.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["gradient", "curvature"])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.disable_progress_bar()

    attention = "sdpa" if options.kind == "gradient" else "eager"
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32, attn_implementation=attention).eval()
    model.requires_grad_(False)
    weights = [module.weight for module in model.model.layers.modules() if isinstance(module, torch.nn.Linear)]
    for weight in weights:
        weight.requires_grad_(True)
    windows = load_file(options.tokens)["input_ids"][: options.windows, : options.length].long()

    started = time.perf_counter()
    found = (gradients if options.kind == "gradient" else curvatures)(model, weights, windows)
    print(json.dumps({"seconds": time.perf_counter() - started, "sum": found}))


def summed_loss(model: torch.nn.Module, window: torch.Tensor) -> torch.Tensor:
    logits = model(input_ids=window[None], use_cache=False).logits[0, :-1]
    return torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum")


def gradients(model: torch.nn.Module, weights: list[torch.Tensor], windows: torch.Tensor) -> float:
    total = 0.0
    for window in windows:
        for gradient in torch.autograd.grad(summed_loss(model, window), weights):
            total += gradient.square().sum(dtype=torch.float64).item()
    return total


def curvatures(model: torch.nn.Module, weights: list[torch.Tensor], windows: torch.Tensor) -> float:
    generator = torch.Generator().manual_seed(0)
    probes = [torch.randint(0, 2, weight.shape, generator=generator).float() * 2 - 1 for weight in weights]
    predictions = windows.shape[0] * (windows.shape[1] - 1)
    total = 0.0
    for window in windows:
        first = torch.autograd.grad(summed_loss(model, window) / predictions, weights, create_graph=True)
        second = torch.autograd.grad(first, weights, grad_outputs=probes)
        total += sum((probe * product).sum(dtype=torch.float64).item() for probe, product in zip(probes, second))
    return total


if __name__ == "__main__":
    main()

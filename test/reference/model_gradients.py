"""Writes what PyTorch finds of the loss of the tiny checkpoints that families.py makes: gradients and Hessian-vector products.

    python test/reference/model_gradients.py [--out test/reference/model_gradients]

The loss is the cross entropy of next-token prediction on the case's two sequences. `reference.safetensors` holds for each case, over the
prunable linears in the order of the model, float32:

    CASE norms       [2, S]      squared norm of each sequence's gradient, loss summed over its predictions
    CASE mean        [S]         squared norm of the gradient of the mean loss over both sequences
    CASE gradient    [S, 24]     of sequence 0's gradient, summed loss, every (out * in // 24)-th element
    CASE outputs     [Σ out]     mean over all predictions of the squared gradient by each output, summed loss
    CASE curvature   [3, S]      zᵀHz, H the Hessian of the mean loss over both sequences, z the signs of probes 7, 8 and 9
    CASE product     [3, S]      norm of Hz

Probes are drawn as src/engine/draws.ts does, from a generator that is written down here once more.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging

from versions import versions

CASES = [
    "llama-plain",
    "llama-bias",
    "llama-sharded",
    "mistral-window",
    "mistral-full",
    "qwen2-full",
    "qwen2-window",
    "qwen3-plain",
    "qwen3-window",
    "qwen3-bias",
]
SEEDS = [7, 8, 9]
KINDS = [
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
]
SAMPLED = 24
MASK = 2**32 - 1


def splitmix(seed: int) -> Iterator[int]:
    state = seed & MASK
    while True:
        state = (state + 0x9E3779B9) & MASK
        z = state
        z = ((z ^ (z >> 16)) * 0x85EBCA6B) & MASK
        z = ((z ^ (z >> 13)) * 0xC2B2AE35) & MASK
        yield z ^ (z >> 16)


def xoshiro(seed: int) -> Iterator[int]:
    """xoshiro128**, 32 bits at a time."""

    def rotate(x: int, by: int) -> int:
        return ((x << by) | (x >> (32 - by))) & MASK

    low, high = splitmix(seed & MASK), splitmix((seed >> 32) ^ 0x5ECA7E)
    s = [next(low) ^ next(high) for _ in range(4)]
    while True:
        yield (rotate((s[1] * 5) & MASK, 7) * 9) & MASK
        shifted = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotate(s[3], 11)


def signs(seed: int, size: int) -> torch.Tensor:
    draws = xoshiro(seed)
    bits = [(word >> i) & 1 for word, _ in zip(draws, range(-(-size // 32))) for i in range(32)]
    return torch.tensor(bits[:size], dtype=torch.float64) * 2 - 1


def probe(seed: int, weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """One generator a matrix, each seeded by the next number of the probe's own."""
    seeds = xoshiro(seed)
    return [signs(next(seeds), weight.numel()).reshape(weight.shape) for weight in weights]


def prunable(model: PreTrainedModel) -> list[torch.nn.Linear]:
    return [layer.get_submodule(kind) for layer in model.model.layers for kind in KINDS]


def summed_loss(model: PreTrainedModel, ids: torch.Tensor) -> torch.Tensor:
    logits = model(input_ids=ids[None], use_cache=False).logits[0]
    return torch.nn.functional.cross_entropy(logits[:-1], ids[1:], reduction="sum")


def compute(folder: Path) -> dict[str, torch.Tensor]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
    sequences = load_file(folder / "reference.safetensors")["input_ids"]
    predictions = sequences.shape[0] * (sequences.shape[1] - 1)
    linears = prunable(model)
    weights = [linear.weight for linear in linears]

    gradients = [torch.autograd.grad(summed_loss(model, ids), weights) for ids in sequences]
    mean = [sum(parts) / predictions for parts in zip(*gradients)]
    curvature, product = [], []
    for seed in SEEDS:
        z = probe(seed, weights)
        loss = sum(summed_loss(model, ids) for ids in sequences) / predictions
        first = torch.autograd.grad(loss, weights, create_graph=True)
        products = torch.autograd.grad(sum((g * d).sum() for g, d in zip(first, z)), weights)
        curvature.append([(d * hz).sum() for d, hz in zip(z, products)])
        product.append([hz.norm() for hz in products])
    return {
        "norms": torch.tensor([[g.square().sum() for g in one] for one in gradients]),
        "mean": torch.tensor([g.square().sum() for g in mean]),
        "gradient": torch.stack([g.flatten()[:: g.numel() // SAMPLED][:SAMPLED] for g in gradients[0]]),
        "outputs": output_squares(model, linears, sequences) / predictions,
        "curvature": torch.tensor(curvature),
        "product": torch.tensor(product),
    }


def output_squares(model: PreTrainedModel, linears: list[torch.nn.Linear], sequences: torch.Tensor) -> torch.Tensor:
    """The squared gradient by every output of every linear, summed over positions and sequences, one linear after another."""
    sums = [torch.zeros(linear.out_features, dtype=torch.float64) for linear in linears]

    def adder(total: torch.Tensor) -> Callable[..., None]:
        def add(_module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> None:
            output.register_hook(lambda gradient: add_squares(total, gradient))

        return add

    handles = [linear.register_forward_hook(adder(total)) for linear, total in zip(linears, sums)]
    for ids in sequences:
        summed_loss(model, ids).backward()
    for handle in handles:
        handle.remove()
    return torch.cat(sums)


def add_squares(total: torch.Tensor, gradient: torch.Tensor) -> None:
    total.add_(gradient[0].square().sum(0))


def main() -> None:
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=here / "model_gradients")
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tensors = {f"{case} {name}": value.float().contiguous() for case in CASES for name, value in compute(here / "families" / case).items()}
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, args.out / "reference.safetensors", metadata={"format": "pt"})
    (args.out / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n")


if __name__ == "__main__":
    main()

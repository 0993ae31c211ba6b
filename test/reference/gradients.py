"""Gradients and Hessian-vector products by torch in float64, for test/graph/gradients.test.ts.

python test/reference/gradients.py

Of single operations, and of one decoder block of each family under the tiny checkpoints of families.py. The loss is Σ ∂y∘y with a fixed
cotangent ∂y, the Hessian that of this loss by everything at once; inputs, cotangents and directions are drawn by `draw`, which the test
spells in the same way. Of every array at most 40 values are kept, evenly apart.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoModelForCausalLM
from transformers.masking_utils import create_causal_mask, create_sliding_window_causal_mask

from versions import versions

HERE = Path(__file__).parent
KEPT = 40
IDS = torch.tensor([3, 0, 6, 3, 2, 5, 1, 1, 4, 3, 6])
BLOCKS = [("llama-plain", 1), ("llama-bias", 0), ("mistral-window", 1), ("qwen2-window", 2), ("qwen3-window", 1)]


def draw(name: str, shape: list[int]) -> Tensor:
    """Numbers in [-1, 1) that depend on the name and the place alone."""
    salt = 0
    for character in name:
        salt = (salt * 31 + ord(character)) & 0xFFFFFFFF
    h = (numpy.arange(int(numpy.prod(shape, dtype=int)), dtype=numpy.uint64) + salt) & 0xFFFFFFFF
    for factor in (0x7FEB352D, 0x846CA68B):
        h = ((h ^ (h >> 15)) * factor) & 0xFFFFFFFF
    h ^= h >> 16
    return torch.from_numpy(h.astype(numpy.float64) / 2**31 - 1).reshape(shape)


def attention(heads: int, kv_heads: int, window: int | None) -> Callable[..., Tensor]:
    def compute(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        length = q.shape[0]
        split = lambda x, n: x.reshape(length, n, -1).transpose(0, 1)
        repeat = lambda x: split(x, kv_heads).repeat_interleave(heads // kv_heads, 0)
        scores = split(q, heads) @ repeat(k).transpose(1, 2) * 0.37
        behind = torch.arange(length)[:, None] - torch.arange(length)[None, :]
        hidden = (behind < 0) | (behind >= (window or length))
        shares = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        return (shares @ repeat(v)).transpose(0, 1).reshape(length, -1)

    return compute


def rms_norm(x: Tensor, w: Tensor) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], w, 1e-3)


def rope(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    length, half = cos.shape
    first, second = x.reshape(length, -1, 2, half).unbind(2)
    c, s = cos[:, None], sin[:, None]
    return torch.stack([first * c - second * s, second * c + first * s], 2).reshape(x.shape)


def gram(first: int, last: int) -> Callable[..., Tensor]:
    return lambda x, c: c + x[:, first:last].T @ x[:, first:]


# Named as the graphs of test/graph/cases.ts are, with the inputs in their order.
OPERATIONS: dict[str, tuple[Callable[..., Tensor], dict[str, list[int]]]] = {
    "add 1": (torch.add, {"a": [3, 1, 7], "b": [5, 1]}),
    "affine 2": (lambda x: 1.7 * x + 0.3, {"x": [5]}),
    "attention 1": (attention(4, 2, None), {"q": [13, 24], "k": [13, 12], "v": [13, 12]}),
    "attention 2": (attention(6, 3, 4), {"q": [13, 30], "k": [13, 15], "v": [13, 15]}),
    "attention 5": (attention(2, 1, None), {"q": [70, 6], "k": [70, 3], "v": [70, 3]}),
    "attention 6": (attention(4, 2, 30), {"q": [97, 4], "k": [97, 2], "v": [97, 2]}),
    "concat 0": (lambda a, b, c: torch.cat([a, b, c], 1), {"a": [2, 3, 5], "b": [2, 1, 5], "c": [2, 4, 5]}),
    "expand 0": (lambda x: x.expand(2, 3, 4, 5), {"x": [3, 1, 5]}),
    "gather 0": (lambda table: table[IDS], {"table": [7, 5]}),
    "gram 1": (gram(3, 7), {"x": [9, 11], "c": [4, 8]}),
    "linear 1": (F.linear, {"x": [9, 5], "w": [7, 5], "b": [7]}),
    "logSumExp 0": (lambda x: x.logsumexp(-1), {"x": [5, 13]}),
    "matmul 4": (lambda a, b: a @ b.transpose(1, 2), {"a": [2, 3, 5], "b": [2, 7, 5]}),
    "matmul 7": (lambda a, b: a.transpose(1, 2) @ b, {"a": [2, 5, 3], "b": [2, 5, 7]}),
    "mul 1": (torch.mul, {"a": [3, 1, 7], "b": [5, 1]}),
    "pad 0": (lambda x: F.pad(x, (0, 0, 2, 1)), {"x": [2, 3, 5]}),
    "pick 0": (lambda x: x[torch.arange(11), IDS], {"x": [11, 7]}),
    "place 0": (lambda x: torch.zeros(11, 7, dtype=x.dtype).index_put((torch.arange(11), IDS), x), {"x": [11]}),
    "power 0": (lambda x: x**-0.5, {"positive": [5, 7]}),
    "reshape 0": (lambda x: x.reshape(6, 2, 5), {"x": [6, 10]}),
    "rmsNorm 1": (rms_norm, {"x": [5, 3, 7], "w": [7]}),
    "rope 1": (rope, {"x": [9, 60], "cos": [9, 10], "sin": [9, 10]}),
    "scatter 0": (lambda x: torch.zeros(8, 5, dtype=x.dtype).index_add(0, IDS, x), {"x": [11, 5]}),
    "sigmoid 0": (torch.sigmoid, {"x": [5, 7]}),
    "silu 0": (F.silu, {"x": [5, 7]}),
    "slice 0": (lambda x: x[:, 1:4], {"x": [2, 5, 3]}),
    "softmax 0": (lambda x: x.softmax(-1), {"x": [5, 7]}),
    "sumTo 0": (lambda x: x.sum((0, 2))[:, None], {"x": [2, 3, 4, 5]}),
    "transpose 0": (lambda x: x.permute(2, 0, 1), {"x": [2, 3, 5]}),
}


def derive(y: Tensor, variables: dict[str, Tensor]) -> dict[str, Tensor]:
    """`∂x` and `∂x'` of every variable: the gradient of the loss, and its Hessian times the directions."""
    names, values = zip(*variables.items())
    loss = (draw("∂y", list(y.shape)) * y).sum()
    gradients = torch.autograd.grad(loss, values, create_graph=True, materialize_grads=True)
    directed = sum((gradient * draw(f"{name}'", list(gradient.shape))).sum() for name, gradient in zip(names, gradients))
    products = (
        torch.autograd.grad(directed, values, materialize_grads=True)
        if directed.requires_grad
        else [torch.zeros_like(value) for value in values]
    )
    return {
        **{f"∂{name}": gradient for name, gradient in zip(names, gradients)},
        **{f"∂{name}'": product for name, product in zip(names, products)},
    }


def derive_operation(compute: Callable[..., Tensor], shapes: dict[str, list[int]]) -> dict[str, Tensor]:
    variables = {
        name: (draw(name, shape) + (1.5 if name == "positive" else 0)).requires_grad_() for name, shape in shapes.items()
    }
    return derive(compute(*variables.values()), variables)


def derive_block(folder: Path, block: int) -> dict[str, Tensor]:
    """Of one block on 20 positions, by what enters it and by all of its weights."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="sdpa")
    for module in model.modules():
        if type(module).__name__.endswith("RMSNorm"):
            # Its own forward goes through float32, whatever the model's type is.
            module.forward = functools.partial(F.rms_norm, normalized_shape=module.weight.shape, weight=module.weight, eps=module.variance_epsilon)
    config, layer = model.config, model.model.layers[block]
    hidden = draw("hidden", [20, config.hidden_size]).requires_grad_()
    positions = torch.arange(20)[None]
    types = getattr(config, "layer_types", None)
    slides = getattr(config, "sliding_window", None) and (not types or types[block] == "sliding_attention")
    make_mask = create_sliding_window_causal_mask if slides else create_causal_mask
    mask = make_mask(config=config, inputs_embeds=hidden[None], attention_mask=None, past_key_values=None, position_ids=positions)
    embeddings = model.model.rotary_emb(hidden[None], positions)
    with sdpa_kernel(SDPBackend.MATH):
        y = layer(hidden[None], attention_mask=mask, position_ids=positions, position_embeddings=embeddings)
    parameters = {f"model.layers.{block}.{name}": parameter for name, parameter in layer.named_parameters()}
    return derive((y if isinstance(y, Tensor) else y[0])[0], {"hidden": hidden, **parameters})


def keep(values: Tensor) -> Tensor:
    flat = values.detach().reshape(-1)
    return flat[:: -(-len(flat) // KEPT)].clone()


def main() -> None:
    torch.set_num_threads(1)
    derived = {name: derive_operation(*operation) for name, operation in OPERATIONS.items()}
    derived |= {f"{folder} {block}": derive_block(HERE / "families" / folder, block) for folder, block in BLOCKS}
    kept = {f"{case}/{name}": keep(values) for case, arrays in derived.items() for name, values in arrays.items()}
    out = HERE / "gradients"
    out.mkdir(exist_ok=True)
    save_file(kept, out / "reference.safetensors", {"format": "pt"})
    (out / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n")


if __name__ == "__main__":
    main()

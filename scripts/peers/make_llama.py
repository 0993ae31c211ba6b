"""Writes a llama checkpoint of random weights, of any size, without ever holding it in memory; for measuring time and memory.

    python scripts/peers/make_llama.py OUT [--hidden 2048 --layers 16 --inter 8192 --heads 32 --kv 8 --vocab 32000] [--tied]
                                           [--samples 16 --length 2048] [--seed 0]

Weights are bfloat16, drawn from a normal distribution with one generator per tensor, so a tensor does not depend on the others.
One shard holds the embeddings, each further one a decoder block, the last one the last norm and the head. OUT/tokens.safetensors
holds random `input_ids`, int64 [samples, length], to calibrate with: there is no tokenizer. Needs numpy only.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

CHUNK = 1 << 22  # numbers made at a time: 16 MiB of float32


def tensors(args: argparse.Namespace) -> list[list[tuple[str, tuple[int, ...]]]]:
    """Names and shapes by shard."""
    q, kv, hidden = args.heads * args.head_dim, args.kv * args.head_dim, args.hidden
    shards = [[("model.embed_tokens.weight", (args.vocab, hidden))]]
    for block in range(args.layers):
        parts = {
            "input_layernorm": (hidden,),
            "mlp.down_proj": (hidden, args.inter),
            "mlp.gate_proj": (args.inter, hidden),
            "mlp.up_proj": (args.inter, hidden),
            "post_attention_layernorm": (hidden,),
            "self_attn.k_proj": (kv, hidden),
            "self_attn.o_proj": (hidden, q),
            "self_attn.q_proj": (q, hidden),
            "self_attn.v_proj": (kv, hidden),
        }
        shards.append([(f"model.layers.{block}.{name}.weight", shape) for name, shape in parts.items()])
    shards.append([("model.norm.weight", (hidden,))] + ([] if args.tied else [("lm_head.weight", (args.vocab, hidden))]))
    return shards


def config(args: argparse.Namespace) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "bos_token_id": None,
        "dtype": "bfloat16",
        "eos_token_id": None,
        "head_dim": args.head_dim,
        "hidden_act": "silu",
        "hidden_size": args.hidden,
        "intermediate_size": args.inter,
        "max_position_embeddings": args.length,
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": args.heads,
        "num_hidden_layers": args.layers,
        "num_key_value_heads": args.kv,
        "rms_norm_eps": 1e-05,
        "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"},
        "tie_word_embeddings": args.tied,
        "vocab_size": args.vocab,
    }


def write_header(file: BinaryIO, entries: list[tuple[str, tuple[int, ...]]], dtype: str, size: int) -> None:
    """A safetensors header, padded so that the tensors start at a multiple of eight bytes."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in entries:
        end = offset + int(np.prod(shape)) * size
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)


def write_weights(file: BinaryIO, name: str, shape: tuple[int, ...], generator: np.random.Generator) -> None:
    """Norms near one, embeddings of unit size, linears that keep their input's size."""
    count = int(np.prod(shape))
    norm = len(shape) == 1
    scale = 0.1 if norm else 1.0 if "embed_tokens" in name else 0.7 / shape[1] ** 0.5
    for start in range(0, count, CHUNK):
        values = generator.standard_normal(min(CHUNK, count - start), dtype=np.float32) * np.float32(scale)
        file.write(to_bfloat16(values + np.float32(1) if norm else values).tobytes())


def to_bfloat16(values: np.ndarray) -> np.ndarray:
    """The upper half of float32, rounded to the nearest, ties to even. Finite values only."""
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def write_tokens(path: Path, args: argparse.Namespace) -> None:
    ids = np.random.default_rng([args.seed, 0]).integers(0, args.vocab, (args.samples, args.length), dtype=np.int64)
    with path.open("wb") as file:
        write_header(file, [("input_ids", ids.shape)], "I64", 8)
        file.write(ids.astype("<i8").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    for name, default in {"hidden": 2048, "layers": 16, "inter": 8192, "heads": 32, "kv": 8, "vocab": 32000}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--head-dim", type=int, help="hidden / heads")
    parser.add_argument("--tied", action="store_true", help="no lm_head of its own")
    parser.add_argument("--samples", type=int, default=16, help="calibration windows")
    parser.add_argument("--length", type=int, default=2048, help="their tokens, and max_position_embeddings")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.head_dim = args.head_dim or args.hidden // args.heads

    args.out.mkdir(parents=True, exist_ok=True)
    shards, where, total, index = tensors(args), {}, 0, 0
    for number, entries in enumerate(shards, 1):
        shard = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        with (args.out / shard).open("wb") as file:
            write_header(file, entries, "BF16", 2)
            for name, shape in entries:
                index += 1
                write_weights(file, name, shape, np.random.default_rng([args.seed, index]))
                where[name] = shard
                total += int(np.prod(shape))
        print(f"{shard}: {total:,} parameters so far")
    (args.out / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total * 2}, "weight_map": dict(sorted(where.items()))}, indent=2) + "\n"
    )
    (args.out / "config.json").write_text(json.dumps(config(args), indent=2) + "\n")
    write_tokens(args.out / "tokens.safetensors", args)


if __name__ == "__main__":
    main()

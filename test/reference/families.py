"""Writes tiny random checkpoints of every model family and what transformers computes from them.

    python test/reference/families.py [--out test/reference/families] [--only NAME]

Each case is a folder of its own:

    config.json               as `save_pretrained` writes it (`rope_parameters`, `dtype`)
    config.old.json           some cases: the same model as older versions wrote it (`rope_theta`, `rope_scaling`, `torch_dtype`)
    model.safetensors         or shards with `model.safetensors.index.json`
    reference.safetensors     input_ids  int64  [2, T]
                              logits     float32 [2, T, V]   eager attention, weights widened to float32
                              hidden     float32 [L, T, D]   sequence 0 as it enters each decoder block
                              final      float32 [T, D]      sequence 0 as it enters the last norm

`index.json` lists the cases with their shapes. For each it also holds `moves`: how far the logits go (largest absolute
difference) when one feature of the config is taken away. The script stops when a feature that a case is there for moves nothing,
since such a case would pass with the feature forgotten. `spread` is the same difference between eager attention on both
sequences at once and fused attention on one sequence at a time: float32's own uncertainty on that case.
"""

from __future__ import annotations

import argparse
import json
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    LlamaConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen3Config,
)
from transformers.utils import logging

from versions import versions

CONFIGS = {"llama": LlamaConfig, "mistral": MistralConfig, "qwen2": Qwen2Config, "qwen3": Qwen3Config}
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
LEAST_MOVE = 0.05  # of logits whose standard deviation is about 3


@dataclass
class Case:
    """One checkpoint: `config` goes to the family's config class, `without` takes a feature away to show that it counts."""

    name: str
    family: str
    length: int
    dtype: str
    config: dict[str, Any]
    without: dict[str, dict[str, Any]] = field(default_factory=dict)
    old: dict[str, Any] | None = None  # keys of the old style; None as a value removes the key
    shard: str | None = None


def rope(kind: str, theta: float = 10000.0, **more: Any) -> dict[str, Any]:
    return {"rope_type": kind, "rope_theta": theta, **more}


def shape(vocab: int, hidden: int, inter: int, heads: int, kv: int, layers: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "vocab_size": vocab,
        "hidden_size": hidden,
        "intermediate_size": inter,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "num_hidden_layers": layers,
        "max_position_embeddings": 128,
        **more,
    }


CASES = [
    Case(
        "llama-plain", "llama", 37, "F32",
        shape(97, 36, 53, 6, 3, layers=3, rope_parameters=rope("default"), rms_norm_eps=1e-5),
        old={"rope_theta": 10000.0, "rope_scaling": None, "head_dim": None},
    ),
    Case(
        "llama-bias", "llama", 29, "BF16",
        shape(83, 28, 45, 4, 1, head_dim=10, attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
              rope_parameters=rope("default", 12345.5)),
        without={"theta": {"rope_parameters": rope("default")}, "attention_bias": {"attention_bias": False},
                 "mlp_bias": {"mlp_bias": False}},
    ),
    Case(
        "llama-sharded", "llama", 23, "F16",
        shape(61, 35, 48, 5, 5, head_dim=20, rope_parameters=rope("default", 777.0), rms_norm_eps=1e-2),
        without={"theta": {"rope_parameters": rope("default")}, "eps": {"rms_norm_eps": 1e-6}},
        shard="20KB",
    ),
    Case(
        "llama-wide-head", "llama", 70, "BF16",
        shape(71, 24, 39, 2, 1, head_dim=32, attention_bias=True, tie_word_embeddings=True, rope_parameters=rope("default", 500000.0)),
        without={"theta": {"rope_parameters": rope("default")}, "attention_bias": {"attention_bias": False}},
    ),
    Case(
        "llama-linear", "llama", 41, "BF16",
        shape(89, 30, 47, 3, 1, head_dim=6, rope_parameters=rope("linear", 3001.0, factor=2.5)),
        without={"rope": {"rope_parameters": rope("default", 3001.0)}},
        old={"rope_theta": 3001.0, "rope_scaling": {"type": "linear", "factor": 2.5}},
    ),
    Case(
        "llama-dynamic-below", "llama", 41, "BF16",
        shape(67, 32, 43, 4, 2, max_position_embeddings=64, rope_parameters=rope("dynamic", factor=3.0)),
    ),
    Case(
        "llama-dynamic-above", "llama", 57, "BF16",
        shape(73, 32, 43, 4, 2, head_dim=10, max_position_embeddings=32, rope_parameters=rope("dynamic", factor=3.0)),
        without={"rope": {"rope_parameters": rope("default")}},
        old={"rope_theta": 10000.0, "rope_scaling": {"type": "dynamic", "factor": 3.0}},
    ),
    Case(
        "llama-llama3", "llama", 66, "F16",
        shape(79, 40, 51, 4, 2, head_dim=20, tie_word_embeddings=True,
              rope_parameters=rope("llama3", 500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                   original_max_position_embeddings=64)),
        without={"rope": {"rope_parameters": rope("default", 500.0)},
                 "smoothing": {"rope_parameters": rope("llama3", 500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=1.001,
                                                       original_max_position_embeddings=64)}},
        old={"rope_theta": 500.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                                                   "high_freq_factor": 4.0, "original_max_position_embeddings": 64}},
    ),
    Case(
        "llama-yarn", "llama", 62, "BF16",
        shape(101, 34, 46, 2, 1, head_dim=20, rope_parameters=rope("yarn", 1000.0, factor=4.0, original_max_position_embeddings=32)),
        without={"rope": {"rope_parameters": rope("default", 1000.0)},
                 "scale": {"rope_parameters": rope("yarn", 1000.0, factor=4.0, original_max_position_embeddings=32,
                                                   attention_factor=1.0)}},
        old={"rope_theta": 1000.0, "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}},
    ),
    Case(
        "llama-yarn-mscale", "llama", 59, "F16",
        shape(61, 30, 41, 3, 3, head_dim=32,
              rope_parameters=rope("yarn", 1000.0, factor=6.0, original_max_position_embeddings=48, mscale=1.7, mscale_all_dim=0.4,
                                   truncate=False, beta_fast=12.0, beta_slow=1.5)),
        without={
            "rope": {"rope_parameters": rope("default", 1000.0)},
            "mscale": {"rope_parameters": rope("yarn", 1000.0, factor=6.0, original_max_position_embeddings=48,
                                               truncate=False, beta_fast=12.0, beta_slow=1.5)},
            "truncate": {"rope_parameters": rope("yarn", 1000.0, factor=6.0, original_max_position_embeddings=48, mscale=1.7,
                                                 mscale_all_dim=0.4, beta_fast=12.0, beta_slow=1.5)},
            "beta": {"rope_parameters": rope("yarn", 1000.0, factor=6.0, original_max_position_embeddings=48, mscale=1.7,
                                             mscale_all_dim=0.4, truncate=False)},
        },
    ),
    Case(
        "llama-yarn-factor", "llama", 47, "BF16",
        shape(64, 20, 37, 2, 2, head_dim=16,
              rope_parameters=rope("yarn", 10000.0, factor=2.0, original_max_position_embeddings=24, attention_factor=1.35)),
        without={"rope": {"rope_parameters": rope("default")},
                 "scale": {"rope_parameters": rope("yarn", 10000.0, factor=2.0, original_max_position_embeddings=24)}},
    ),
    Case(
        "mistral-window", "mistral", 43, "BF16",
        shape(103, 42, 49, 6, 2, head_dim=8, sliding_window=9, rope_parameters=rope("default", 1234.5)),
        without={"window": {"sliding_window": None}, "window_by_one": {"sliding_window": 10},
                 "theta": {"rope_parameters": rope("default")}},
        old={"rope_theta": 1234.5, "rope_scaling": None},
    ),
    Case(
        "mistral-full", "mistral", 31, "F16",
        shape(61, 40, 57, 4, 4, tie_word_embeddings=True, sliding_window=None, rope_parameters=rope("default")),
        without={"window": {"sliding_window": 9}},
    ),
    Case(
        "mistral-edge", "mistral", 24, "F32",
        shape(65, 31, 38, 3, 1, layers=3, head_dim=14, sliding_window=23, rope_parameters=rope("default")),
        without={"window": {"sliding_window": None}},
    ),
    Case(
        "qwen2-full", "qwen2", 38, "BF16",
        shape(107, 36, 50, 6, 2, tie_word_embeddings=True, use_sliding_window=False, sliding_window=5, max_window_layers=0,
              rope_parameters=rope("default", 1000000.0)),
        old={"rope_theta": 1000000.0, "rope_scaling": None, "sliding_window": 5, "layer_types": None},
    ),
    Case(
        "qwen2-window", "qwen2", 35, "F32",
        shape(62, 24, 37, 4, 1, layers=3, use_sliding_window=True, sliding_window=7, max_window_layers=1,
              rope_parameters=rope("default", 5000.0)),
        without={"window": {"use_sliding_window": False, "layer_types": None},
                 "dense_layers": {"max_window_layers": 0, "layer_types": None}},
        old={"rope_theta": 5000.0, "layer_types": None},
    ),
    Case(
        "qwen2-layers", "qwen2", 45, "F16",
        shape(69, 30, 44, 5, 5, layers=3, use_sliding_window=True, sliding_window=6, max_window_layers=3,
              layer_types=["sliding_attention", "full_attention", "sliding_attention"], rope_parameters=rope("default")),
        without={"layer_types": {"layer_types": None}, "full_layer": {"layer_types": ["sliding_attention"] * 3}},
    ),
    Case(
        "qwen3-plain", "qwen3", 33, "BF16",
        shape(131, 44, 56, 6, 2, head_dim=10, tie_word_embeddings=True, rope_parameters=rope("default", 1000000.0)),
        without={"theta": {"rope_parameters": rope("default")}},
        old={"rope_theta": 1000000.0, "rope_scaling": None, "layer_types": None},
    ),
    Case(
        "qwen3-bias", "qwen3", 27, "F16",
        shape(77, 28, 35, 2, 1, head_dim=32, attention_bias=True, rms_norm_eps=1e-4, rope_parameters=rope("default")),
        without={"attention_bias": {"attention_bias": False}},
    ),
    Case(
        "qwen3-window", "qwen3", 51, "F32",
        shape(63, 21, 34, 3, 3, layers=3, head_dim=6, use_sliding_window=True, sliding_window=6, max_window_layers=1,
              rope_parameters=rope("default")),
        without={"window": {"use_sliding_window": False, "layer_types": None},
                 "dense_layers": {"max_window_layers": 0, "layer_types": None}},
        old={"rope_theta": 10000.0, "layer_types": None},
    ),
]


def make(case: Case, out: Path) -> dict[str, Any]:
    """Writes one case's folder. Returns its row of the index."""
    folder = out / case.name
    shutil.rmtree(folder, ignore_errors=True)
    generator = torch.Generator().manual_seed(zlib.crc32(case.name.encode()))
    config = CONFIGS[case.family](bos_token_id=None, eos_token_id=None, **case.config)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    fill(model, generator)
    model = model.to(DTYPES[case.dtype])
    model.save_pretrained(folder, **({"max_shard_size": case.shard} if case.shard else {}))
    (folder / "generation_config.json").unlink(missing_ok=True)

    ids = draw_ids(case, generator)
    reference = load(folder, AutoConfig.from_pretrained(folder), "eager")
    tensors = {"input_ids": ids, **compute(reference, ids)}
    save_file(tensors, folder / "reference.safetensors", metadata={"format": "pt"})

    if case.old is not None:
        write_old_config(folder, case)
        old = load(folder, AutoConfig.from_pretrained(folder / "config.old.json"), "eager")
        assert torch.equal(compute(old, ids)["logits"], tensors["logits"]), f"{case.name}: config.old.json is another model"
    return row(case, folder, tensors)


def fill(model: PreTrainedModel, generator: torch.Generator) -> None:
    """Random weights under which every part matters: logits of a few units, attention neither flat nor one-hot, no norm of ones."""
    tied = model.config.tie_word_embeddings
    hidden = model.config.hidden_size
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if name.endswith("bias"):
            parameter.data = 0.4 * noise
        elif "norm" in name:
            parameter.data = 1 + 0.3 * noise
        elif "embed_tokens" in name:
            parameter.data = noise * (3 / hidden**0.5 if tied else 1)
        elif "lm_head" in name:
            parameter.data = noise * 3 / hidden**0.5
        else:
            gain = 1.6 if "q_proj" in name or "k_proj" in name else 1.2
            parameter.data = noise * gain / parameter.shape[1] ** 0.5


def draw_ids(case: Case, generator: torch.Generator) -> torch.Tensor:
    """Two random sequences, int64 `[2, T]`, that hold the first and the last word of the vocabulary."""
    vocab = case.config["vocab_size"]
    ids = torch.randint(0, vocab, (2, case.length), generator=generator)
    ids[0, 1], ids[1, 2] = 0, vocab - 1
    return ids


def load(folder: Path, config: PreTrainedConfig, attention: str) -> PreTrainedModel:
    """The written checkpoint under a config, in float32."""
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation=attention, output_loading_info=True
    )
    assert not info["missing_keys"], (folder, info)
    return model.eval()


@torch.no_grad()
def compute(model: PreTrainedModel, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """Logits of all sequences; of sequence 0 also what enters each block and the last norm."""
    entering: list[torch.Tensor] = []
    watched = [*model.model.layers, model.model.norm]
    handles = [part.register_forward_pre_hook(lambda _, inputs: entering.append(inputs[0][0].clone())) for part in watched]
    logits = model(input_ids=ids, use_cache=False).logits
    for handle in handles:
        handle.remove()
    return {"logits": logits.contiguous(), "hidden": torch.stack(entering[:-1]), "final": entering[-1]}


def write_old_config(folder: Path, case: Case) -> None:
    config = json.loads((folder / "config.json").read_text())
    config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = "4.40.0"
    config.update(case.old or {})
    for key in ("head_dim", "layer_types"):
        if config.get(key, "") is None:
            config.pop(key)
    (folder / "config.old.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def row(case: Case, folder: Path, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
    """The case's row of the index; stops where a feature moves nothing."""
    ids, logits = tensors["input_ids"], tensors["logits"]
    moves = {}
    for feature, change in case.without.items():
        settings = json.loads((folder / "config.json").read_text())
        for key, value in change.items():
            settings[key] = value
        moves[feature] = round(distance(compute(load(folder, type_of(case)(**clean(settings)), "eager"), ids)["logits"], logits), 4)
        assert moves[feature] > LEAST_MOVE, f"{case.name}: without {feature} the logits move by {moves[feature]} only"
    fused = load(folder, AutoConfig.from_pretrained(folder), "sdpa")
    apart = torch.cat([compute(fused, one[None])["logits"] for one in ids])
    return {
        "name": case.name,
        "family": case.family,
        "dtype": case.dtype,
        "length": case.length,
        "layers": case.config["num_hidden_layers"],
        "hidden": case.config["hidden_size"],
        "vocabulary": case.config["vocab_size"],
        "oldConfig": case.old is not None,
        "sharded": case.shard is not None,
        "logitsStd": round(logits.std().item(), 3),
        "logitsLargest": round(logits.abs().max().item(), 3),
        "spread": float(f"{distance(apart, logits):.2e}"),
        "moves": moves,
    }


def type_of(case: Case) -> type[PreTrainedConfig]:
    return CONFIGS[case.family]


def clean(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in ("model_type", "transformers_version", "architectures")}


def distance(a: torch.Tensor, b: torch.Tensor) -> float:
    return (a - b).abs().max().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "families")
    parser.add_argument("--only", help="make this case and leave the index as it is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    rows = []
    for case in CASES:
        if args.only in (None, case.name):
            rows.append(make(case, args.out))
            print(json.dumps(rows[-1]))
    if args.only:
        return
    lines = ",\n  ".join(json.dumps(one) for one in rows)
    (args.out / "index.json").write_text(f'{{"cases": [\n  {lines}\n]}}\n')
    (args.out / "versions.json").write_text(json.dumps(versions(), indent=2) + "\n")


if __name__ == "__main__":
    main()

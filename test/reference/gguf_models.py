"""Writes tiny GGUF files of every family that Secateur imports, and what the import must give back.

    python test/reference/gguf_models.py [--out test/reference/gguf]

Needs torch, transformers 5.23.0, tokenizers, sentencepiece 0.2.3 and gguf 0.19.0. Each case is a random Hugging Face model with a tokenizer
trained on the text below, written by the rules of llama.cpp's converter: `NAME.gguf`, and `NAME.json` with

    config      the original config, as `to_dict` gives it
    tensors     name -> dtype, shape and sha256 of the bytes a checkpoint must hold: the original's, and where the file is quantized
                the quantized original widened by the `gguf` package and rounded to BF16
    texts       texts and the ids the original tokenizer gives them, special tokens included
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import sentencepiece
import torch
from gguf import GGMLQuantizationType as Q
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, PreTrainedConfig, Qwen2Config, Qwen3Config

CORPUS = """
A gardener prunes a tree in winter, when the shape of the branches can be seen. What is dead goes first, then what crosses, then what
grows inwards; of two branches that want the same light the weaker one goes. In 2019, 1024 of 4096 trees were pruned too hard and didn't
bear for 3 years. "You'll cut less next time," said the old man, "and you'll look longer." The tree doesn't mind the wound: it minds the
moment. We've learnt to cut above the bud, slantwise, with a sharp blade, never in frost (-10 degrees), and to leave the scar open.
def prune(tree, share=0.5):\n    return [b for b in tree if b.light > share]\n\n\n
"""

TEXTS = [
    "The tree doesn't mind the wound.",
    "  two spaces,\ttab\n\n\nthree lines \r\n end ",
    "We'LL cut 12345 of 67 branches in 2026: 3/4!",
    "Obstbäume im Winter — “schön”, été, 冬の木 🌳",
    "cafe\u0301 and café",
    "def prune(tree):\n    return tree[1:-1]  # ok",
    "<|a|>the<|b|> tree<think>x",
    "",
    " ",
    "CamelCaseBranches/HTTPServer",
]

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass
class Vocabulary:
    """A tokenizer as GGUF stores it, and what it makes of `TEXTS`."""

    model: str
    pre: str
    tokens: list[str]
    types: list[int]
    ids: list[list[int]]
    merges: list[str] | None = None
    scores: list[float] | None = None
    add_bos: bool | None = None


def byte_level(
    pre: str, split: list[Any], size: int, add_bos: bool | None = None, nfc: bool = False, ignore_merges: bool = False
) -> Vocabulary:
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(split)
    trainer = trainers.BpeTrainer(vocab_size=size - 3, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([CORPUS], trainer)
    tokenizer.add_special_tokens([AddedToken("<|a|>", special=True, normalized=False), AddedToken("<|b|>", special=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False)])
    vocab = tokenizer.get_vocab()
    if add_bos is not False:
        tokenizer.post_processor = processors.TemplateProcessing("<|a|> $A", special_tokens=[("<|a|>", vocab["<|a|>"])])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    tokens = sorted(vocab, key=vocab.__getitem__)
    types = [{"<|a|>": 3, "<|b|>": 3, "<think>": 4}.get(token, 1) for token in tokens]
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    return Vocabulary("gpt2", pre, tokens, types, ids, merges=[" ".join(pair) for pair in merges], add_bos=add_bos)


def splits(*patterns: str) -> list[Any]:
    parts = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return [*parts, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


def smollm() -> list[Any]:
    return [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]


def sentence_piece(size: int) -> Vocabulary:
    """A Llama 2 vocabulary: BPE with byte fallback, text taken as it is but for a space in front."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.split("\n")),
        model_writer=model,
        model_type="bpe",
        vocab_size=size,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        user_defined_symbols=["<think>"],
        control_symbols=["<|a|>", "<|b|>"],
        character_coverage=1.0,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())

    def kind(i: int) -> int:
        if processor.is_unknown(i):
            return 2
        if processor.is_control(i):
            return 3
        if processor.is_byte(i):
            return 6
        return 4 if processor.id_to_piece(i) == "<think>" else 1

    n = processor.get_piece_size()
    tokens = [processor.id_to_piece(i) for i in range(n)]
    # SentencePiece never finds control symbols in a text; a Hugging Face tokenizer does, so that text is left to the other cases.
    ids = [[processor.bos_id(), *processor.encode(text)] if "<|a|>" not in text else [] for text in TEXTS]
    return Vocabulary("llama", "default", tokens, [kind(i) for i in range(n)], ids, scores=[processor.get_score(i) for i in range(n)])


@dataclass
class Case:
    name: str
    config: PreTrainedConfig
    arch: gguf.MODEL_ARCH
    dtype: torch.dtype
    vocabulary: Vocabulary
    quantize: dict[str, Q] = field(default_factory=dict)  # part of a GGUF name -> type
    metadata: dict[str, Any] = field(default_factory=dict)  # further keys: method of the writer -> value
    padded: int = 0  # rows of the embedding beyond the vocabulary


def shape(vocabulary: Vocabulary, hidden: int, heads: int, kv: int, inter: int, **more: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(vocabulary.tokens),
        "hidden_size": hidden,
        "intermediate_size": inter,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "num_hidden_layers": 2,
        "max_position_embeddings": 512,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **more,
    }


def cases() -> list[Case]:
    spm = sentence_piece(320)
    llama3 = byte_level("llama-bpe", splits(LLAMA3), 300, ignore_merges=True)
    tekken = byte_level("tekken", splits(TEKKEN), 290, ignore_merges=True)
    qwen2 = byte_level("qwen2", splits(QWEN2), 300, add_bos=False, nfc=True)
    digits = byte_level("smollm", smollm(), 280, add_bos=False)
    scaled = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    yarn = {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 4.0, "original_max_position_embeddings": 128}
    linear = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.5}
    return [
        Case("llama-spm", LlamaConfig(**shape(spm, 12, 2, 1, 20, rms_norm_eps=1e-5)), gguf.MODEL_ARCH.LLAMA, torch.bfloat16, spm),
        Case(
            "llama-llama3",
            LlamaConfig(
                **shape(
                    llama3,
                    16,
                    1,
                    1,
                    8,
                    max_position_embeddings=16384,
                    tie_word_embeddings=True,
                    rope_parameters={**scaled, "original_max_position_embeddings": 8192},
                )
            ),
            gguf.MODEL_ARCH.LLAMA,
            torch.bfloat16,
            llama3,
            padded=4,
        ),
        Case(
            "llama-quantized",
            LlamaConfig(
                **shape(digits, 32, 4, 2, 64, tie_word_embeddings=True, attention_bias=True, mlp_bias=True, rope_parameters=linear)
            ),
            gguf.MODEL_ARCH.LLAMA,
            torch.float32,
            digits,
            quantize={
                "token_embd": Q.Q4_0,
                "attn_q.": Q.Q8_0,
                "attn_k.": Q.Q5_1,
                "attn_v.": Q.Q4_1,
                "attn_output.": Q.Q5_0,
                "ffn_up.": Q.Q8_0,
                "ffn_gate.": Q.Q4_0,
                "ffn_down.": Q.F16,
            },
            metadata={"add_rope_scaling_type": gguf.RopeScalingType.LINEAR, "add_rope_scaling_factor": 2.5},
        ),
        Case(
            "mistral-window",
            MistralConfig(**shape(tekken, 12, 3, 1, 10, head_dim=6, sliding_window=64, tie_word_embeddings=True)),
            gguf.MODEL_ARCH.LLAMA,
            torch.float16,
            tekken,
            metadata={"add_sliding_window": 64},
        ),
        Case(
            "qwen2-yarn",
            Qwen2Config(**shape(qwen2, 12, 2, 1, 16, tie_word_embeddings=True, rope_parameters=yarn, use_sliding_window=False)),
            gguf.MODEL_ARCH.QWEN2,
            torch.bfloat16,
            qwen2,
            metadata={
                "add_rope_scaling_type": gguf.RopeScalingType.YARN,
                "add_rope_scaling_factor": 4.0,
                "add_rope_scaling_orig_ctx_len": 128,
            },
        ),
        Case(
            "qwen3-plain",
            Qwen3Config(**shape(qwen2, 10, 2, 1, 14, head_dim=8, rms_norm_eps=3e-6, tie_word_embeddings=True, use_sliding_window=False)),
            gguf.MODEL_ARCH.QWEN3,
            torch.float32,
            qwen2,
        ),
    ]


def permute(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """What llama.cpp's converter does to the query and key rows of a Llama: halves of a head become neighbours."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def rope_factors(config: PreTrainedConfig) -> np.ndarray:
    rope, dim = config.rope_parameters, config.head_dim
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    frequencies = 1.0 / (rope["rope_theta"] ** (torch.arange(0, dim, 2, dtype=torch.float32) / dim))
    factors = []
    for frequency in frequencies:
        wavelength = 2 * math.pi / frequency
        if wavelength < high:
            factors.append(1)
        elif wavelength > low:
            factors.append(rope["factor"])
        else:
            smooth = (rope["original_max_position_embeddings"] / wavelength - rope["low_freq_factor"]) / (
                rope["high_freq_factor"] - rope["low_freq_factor"]
            )
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


STORED = {torch.float32: Q.F32, torch.float16: Q.F16, torch.bfloat16: Q.BF16}
DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def encode(tensor: torch.Tensor, kind: Q) -> np.ndarray:
    if kind == Q.BF16:
        return tensor.to(torch.bfloat16).view(torch.uint8).numpy()
    if kind == Q.F16:
        return tensor.to(torch.float16).numpy()
    if kind == Q.F32:
        return tensor.to(torch.float32).numpy()
    return gguf.quantize(tensor.to(torch.float32).numpy(), kind)


def digest(tensor: torch.Tensor) -> dict[str, Any]:
    raw = tensor.contiguous().view(torch.uint8).numpy().tobytes()
    return {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "sha256": hashlib.sha256(raw).hexdigest()}


def write(case: Case, out: Path) -> None:
    torch.manual_seed(len(case.name))
    config, vocabulary = case.config, case.vocabulary
    config.vocab_size += case.padded
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    writer = gguf.GGUFWriter(out / f"{case.name}.gguf", gguf.MODEL_ARCH_NAMES[case.arch])
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_name(case.name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if head_dim * config.num_attention_heads != config.hidden_size:
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    if case.arch == gguf.MODEL_ARCH.LLAMA:
        writer.add_vocab_size(config.vocab_size)
        writer.add_rope_dimension_count(head_dim)
    for method, value in case.metadata.items():
        getattr(writer, method)(value)

    pads = [f"[PAD{i}]" for i in range(len(vocabulary.tokens), config.vocab_size)]
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens + pads)
    writer.add_token_types(vocabulary.types + [5] * len(pads))
    if vocabulary.merges is not None:
        writer.add_token_merges(vocabulary.merges)
    if vocabulary.scores is not None:
        writer.add_token_scores(vocabulary.scores)
    marks = ("<|a|>", "<|b|>") if vocabulary.model == "gpt2" else ("<s>", "</s>")
    config.bos_token_id, config.eos_token_id = (vocabulary.tokens.index(mark) for mark in marks)
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(config.eos_token_id)
    if vocabulary.add_bos is not None:
        writer.add_add_bos_token(vocabulary.add_bos)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}")

    names = gguf.get_tensor_name_map(case.arch, config.num_hidden_layers)
    expected: dict[str, Any] = {}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        # Norms and biases start as ones and zeros; anything else shows a mix-up.
        random = torch.randn(tensor.shape) * 0.3 + (1.0 if "norm" in name else 0.0)
        original = random.to(case.dtype)
        stored_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        is_vector = original.ndim == 1
        kind = Q.F32 if is_vector else next((kind for part, kind in case.quantize.items() if part in stored_name), STORED[case.dtype])
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
        stored = permute(original, heads) if heads and case.arch == gguf.MODEL_ARCH.LLAMA else original
        writer.add_tensor(stored_name, encode(stored, kind), raw_dtype=kind)
        if case.quantize and kind != Q.F16:
            widened = original.numpy() if kind == Q.F32 else gguf.dequantize(gguf.quantize(original.numpy(), kind), kind)
            original = torch.from_numpy(np.ascontiguousarray(widened)).to(torch.bfloat16)
        elif kind == Q.F16:
            original = original.to(torch.float16)
        expected[name] = digest(original)
    if config.rope_parameters["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    result = {
        "config": config.to_dict(),
        "tensors": expected,
        "texts": [{"text": text, "ids": ids} for text, ids in zip(TEXTS, vocabulary.ids, strict=True) if ids or not text],
    }
    (out / f"{case.name}.json").write_text(json.dumps(result, sort_keys=True) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "gguf")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for case in cases():
        write(case, args.out)


if __name__ == "__main__":
    main()

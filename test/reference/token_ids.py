"""Trains a small tokenizer of each kind that decoder checkpoints bring, and writes what transformers makes of awkward and of long text.

    python test/reference/token_ids.py MODEL_DIR [--out test/reference/token_ids]

KIND/tokenizer.json, tokenizer_config.json   trained on MODEL_DIR/calibration.txt
KIND/tokens.json   `encode`: texts with their ids and what decoding those gives back;
                   `long`: number and SHA-256 (int32, little-endian) of the ids of calibration.txt as a whole
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import AutoTokenizer

from sample import SENTENCES, TEXTS
from versions import versions

LLAMA_3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN_2 = LLAMA_3.replace(r"\p{N}{1,3}", r"\p{N}")
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"

POOLS = [
    "abcdefgh ABC", "  \n\n\t\r", "0123456789", "éüßñçŁœ", "日本語漢字", "😀👍🏽🇩🇪", "\u00a0\u2003\u3000\u0085\ufeff\u180e\u200b\u2028\u001c\u001f\u000b\u000c",
    "٣٤५²½Ⅷ", "\u0301\u0308e\u0301", "!?.,;:-_()[]{}\"'`~@#$%^&*+=/\\|", "\u0000\u0001\u007f\u0080", "ǅªº", "\U0001e900\U0001d7d8\u0660",
]
# What is white space to Unicode and not to JavaScript, and the other way round, where the cut of the words depends on it.
WHITE_SPACE = ["it\u0085's so", "end.\n\n\ufeffNext", "a \ufeff b", "x\u0085\u0085's"]

PATTERNS = ["<s>", "</s>", "'ll", "'re", " the", " of", "\n\n", "   ", "a b"]


def byte_level(words, pieces, *, normalizer=None, post=None, ignore_merges=False) -> Tokenizer:
    tokenizer = Tokenizer(BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, special_tokens=["<s>", "</s>"], show_progress=False)
    tokenizer.train_from_iterator(pieces, trainer)
    if post:
        tokenizer.post_processor = post
    return tokenizer


def sentencepiece(pieces, *, prefix: str, normalizer, words) -> Tokenizer:
    tokenizer = Tokenizer(BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=prefix)
    special = ["<unk>", "<s>", "</s>"]
    trainer = trainers.BpeTrainer(vocab_size=550, special_tokens=[*special, *(f"<0x{byte:02X}>" for byte in range(256))], show_progress=False)
    tokenizer.train_from_iterator(pieces, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] in special]
    # Runs of spaces are tokens, as Llama 2 has them; words are split before they could be learnt.
    state["model"]["vocab"]["▁▁"] = len(state["model"]["vocab"])
    state["model"]["merges"].append(["▁", "▁"])
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = words
    strip = [] if prefix == "never" else [decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip])
    tokenizer.post_processor = begin("<s>", 1)
    return tokenizer


def begin(token: str, token_id: int):
    return processors.TemplateProcessing(single=f"{token} $A", pair=f"{token} $A {token} $B", special_tokens=[(token, token_id)])


def train(pieces: list[str]) -> dict[str, tuple[Tokenizer, dict]]:
    """Tokenizers by name, with what their tokenizer_config.json has beyond the names of the special tokens: flags that must not matter."""
    byte_words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    split = lambda pattern: pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), byte_words])
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False)
    underscores = normalizers.Replace(" ", "▁")
    metaspace = lambda **options: pre_tokenizers.Metaspace(replacement="▁", **options)
    llama_3_post = processors.Sequence([processors.ByteLevel(trim_offsets=False), begin("<s>", 0)])
    return {
        "bloom": (byte_level(split(BLOOM), pieces), {}),
        "gemma": (sentencepiece(pieces, prefix="never", normalizer=underscores, words=pre_tokenizers.Split(" ", "merged_with_previous")), {}),
        "gpt2": (byte_level(gpt2, pieces), {"add_bos_token": True, "add_eos_token": True}),
        "llama2": (sentencepiece(pieces, prefix="always", normalizer=normalizers.Sequence([normalizers.Prepend("▁"), underscores]), words=None), {}),
        "llama3": (byte_level(split(LLAMA_3), pieces, ignore_merges=True, post=llama_3_post), {}),
        "metaspace": (sentencepiece(pieces, prefix="always", normalizer=None, words=metaspace(prepend_scheme="always", split=True)), {}),
        "mistral": (sentencepiece(pieces, prefix="first", normalizer=None, words=metaspace(prepend_scheme="first", split=False)), {"add_bos_token": False}),
        "qwen2": (byte_level(split(QWEN_2), pieces, normalizer=normalizers.NFC(), post=processors.ByteLevel(trim_offsets=False)), {"add_bos_token": False}),
        "smollm": (byte_level(pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2]), pieces), {}),
    }


def awkward_texts(n: int) -> list[str]:
    draw = random.Random(5)
    texts = []
    for _ in range(n):
        text = ""
        for _ in range(draw.randint(1, 12)):
            pool = draw.choice(POOLS)
            if draw.random() < 0.15:
                text += draw.choice(PATTERNS)
            text += "".join(draw.choice(pool) for _ in range(draw.randint(1, 6)))
        texts.append(text)
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "token_ids")
    args = parser.parse_args()
    text = (args.model / "calibration.txt").read_bytes().decode()
    for name, (trained, config) in train([text[at : at + 1000] for at in range(0, len(text), 1000)]).items():
        folder = args.out / name
        folder.mkdir(parents=True, exist_ok=True)
        trained.save(str(folder / "tokenizer.json"), pretty=False)
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", **config}
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")

        tokenizer = AutoTokenizer.from_pretrained(folder)
        encode = lambda text: tokenizer(text, verbose=False).input_ids
        texts = [*SENTENCES, *TEXTS, *WHITE_SPACE, *awkward_texts(30)]
        rows = [{"text": text, "ids": encode(text), "decoded": tokenizer.decode(encode(text))} for text in texts]
        ids = numpy.array(encode(text), dtype="<i4")
        long = {"tokens": len(ids), "sha256": hashlib.sha256(ids.tobytes()).hexdigest()}
        rows_text = ",\n  ".join(json.dumps(row) for row in rows)
        (folder / "tokens.json").write_text(f'{{"versions": {json.dumps(versions())},\n "long": {json.dumps(long)},\n "encode": [\n  {rows_text}\n]}}\n')
        print(f"{name}: {tokenizer.backend_tokenizer.get_vocab_size()} tokens, {len(rows)} encodings")


if __name__ == "__main__":
    main()

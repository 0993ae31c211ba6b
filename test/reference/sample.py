"""Writes what transformers and its tokenizer make of the sample model: logits of a few sequences and encodings of awkward text.

    python test/reference/sample.py MODEL_DIR [--out test/reference/sample]

reference.safetensors   input_ids int64 [2, 24], logits float32 [2, 24, V], nll float32 [2, 23] in nats; eager attention, float32
tokens.json             `encode`: texts with their ids (default special tokens) and what decoding those ids gives back
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer
from transformers.utils import logging

from perplexity import load_model
from versions import versions

LENGTH = 24

SENTENCES = [
    '"Joe," she said, "you shall not go to London without a letter; I have made up my mind, and that is the end of it."',
    "It was the best of the morning, and the old man waited upon the hill with 37 sheep, a lantern -- and no hope at all.",
]

TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\n\n\n",
    "a",
    " a",
    "a ",
    "  two  spaces  between  and  around  ",
    "tab\tand\r\nCRLF\rand lone CR",
    "\u00a0no-break\u00a0space\u2003em space\u3000ideographic\u200bzero width\ufeffBOM",
    "line one\nline two\n\n  indented\n\ttabbed\n",
    "trailing newline\n",
    "trailing spaces then newline   \n",
    "   \n  \n leading blank lines",
    "don't can't I'll we've you're he'd I'm it's o'clock 'tis DON'T CAN'T I'LL",
    "“curly” ‘quotes’ — em dash – en dash … ellipsis",
    "3.14159 1,000,000 2026-11-24 50% $3.20 0x1F 1e-5 ²³½ Ⅷ ٣٤",
    "naïve café Zoë Ångström — precomposed; nai\u0308ve cafe\u0301 — combining",
    "ß ẞ İ ı ﬁ ſ Ǆ",
    "Ελληνικά Русский עברית العربية हिन्दी ไทย 한국어 日本語 中文",
    "emoji 🌳 ✂️ 👩‍👩‍👧‍👦 🇦🇹 👍🏽 \U0001f9ec",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 outside the BMP \U00010348",
    "\x00\x01\x1f\x7f control \x1b[0m",
    "\u202eright-to-left override\u202c \u2028line sep\u2029para sep\x85next line\x0bvt\x0cff",
    "<s>special</s> and <s> </s>inside<s>",
    "< s > not special <unk> <pad> <|endoftext|>",
    "CamelCaseIdentifier snake_case_name kebab-case-name path/to/file.txt https://example.org/a?b=c&d=%20",
    "for (let i = 0; i < n; i++) {\n\treturn `${x}`;\n}",
    "!!!???...,,,;;;:::---___***###@@@",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "The quick brown fox jumps over the lazy dog. THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG.",
    "No sooner had she spoken than the door, which had been ajar, swung wide; and there he stood.",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "sample")
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    encode = lambda text: tokenizer(text, verbose=False).input_ids
    ids = torch.tensor([encode(sentence)[:LENGTH] for sentence in SENTENCES])

    with torch.no_grad():
        logits = load_model(args.model, "eager")(input_ids=ids, use_cache=False).logits
    nll = torch.nn.functional.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({"input_ids": ids, "logits": logits.contiguous(), "nll": nll}, args.out / "reference.safetensors", metadata={"format": "pt"})

    rows = []
    for text in [*SENTENCES, *TEXTS]:
        tokens = encode(text)
        rows.append({"text": text, "ids": tokens, "decoded": tokenizer.decode(tokens, clean_up_tokenization_spaces=False)})
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    (args.out / "tokens.json").write_text(f'{{"versions": {json.dumps(versions())},\n "encode": [\n  {lines}\n]}}\n')
    print(f"{len(rows)} encodings; logits {tuple(logits.shape)}, mean nll {nll.mean().item():.4f}")


if __name__ == "__main__":
    main()

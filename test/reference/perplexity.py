"""Perplexity of a checkpoint on a text by transformers in float32, one number and the windows it is the mean of.

    python test/reference/perplexity.py MODEL_DIR TEXT --length L --windows N [--skip K] [--json]

The protocol of the pruning papers: the whole text is tokenised once with the tokenizer's default special tokens, cut into windows
of L tokens without overlap, the tail dropped; each window starts cold and gives the mean of L - 1 negative log likelihoods in nats;
perplexity = exp(mean over windows).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from versions import versions


def read_text(path: Path) -> str:
    """The text as the file holds it: no newline is translated."""
    return path.read_bytes().decode("utf-8")


def cut_windows(model: Path, text: str, length: int) -> tuple[torch.Tensor, int]:
    """Windows of token ids, int64 `[windows, length]`, and how many tokens the text has."""
    ids = AutoTokenizer.from_pretrained(model)(text, return_tensors="pt", verbose=False).input_ids[0]
    count = ids.numel() // length
    return ids[: count * length].reshape(count, length), ids.numel()


@torch.no_grad()
def window_nlls(model: torch.nn.Module, windows: torch.Tensor, progress: bool = False) -> list[float]:
    """Mean negative log likelihood of each window in nats."""
    nlls = []
    for index, window in enumerate(windows):
        logits = model(input_ids=window[None], use_cache=False).logits[0, :-1]
        nlls.append(torch.nn.functional.cross_entropy(logits.float(), window[1:]).item())
        if progress:
            print(f"window {index + 1} of {len(windows)}: {math.exp(sum(nlls) / len(nlls)):.4f}", file=sys.stderr)
    return nlls


def load_model(folder: Path, attention: str = "sdpa") -> torch.nn.Module:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()


def measure(folder: Path, text_path: Path, length: int, windows: int | None, skip: int = 0, progress: bool = False) -> dict[str, Any]:
    """The figure with everything that has to be said next to it. `windows` None takes all there are."""
    text = read_text(text_path)
    cut, n_tokens = cut_windows(folder, text, length)
    chosen = cut[skip:] if windows is None else cut[skip : skip + windows]
    started = time.perf_counter()
    nlls = window_nlls(load_model(folder), chosen, progress)
    return {
        "perplexity": math.exp(sum(nlls) / len(nlls)),
        "length": length,
        "windows": len(nlls),
        "skip": skip,
        "windowsInText": len(cut),
        "tokensInText": n_tokens,
        "text": text_path.name,
        "textSha256": hashlib.sha256(text_path.read_bytes()).hexdigest(),
        "dtype": "float32",
        "seconds": round(time.perf_counter() - started, 1),
        "nll": nlls,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("--length", type=int, required=True, help="tokens in a window")
    parser.add_argument("--windows", type=int, help="how many windows (all)")
    parser.add_argument("--skip", type=int, default=0, help="windows left out at the start (0)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print everything as JSON, with each window's figure")
    parser.add_argument("--record", type=Path, metavar="FILE", help="also keep the result in this JSON file, under --name")
    parser.add_argument("--name", help="the result's name in FILE (the model folder's name and the text's)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.disable_progress_bar()
    result = measure(args.model, args.text, args.length, args.windows, args.skip, progress=True)
    result["versions"] = versions()
    if args.record:
        record(args.record, args.name or f"{args.model.name}/{args.text.stem}", result)
    if args.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{result['perplexity']:.4f}  ({result['windows']} windows of {args.length}, {args.text.name}, float32)")


def record(path: Path, name: str, result: dict[str, Any]) -> None:
    """Puts one result into the file, keeping the others. Seconds stay out: they differ from run to run."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[name] = {key: value for key, value in result.items() if key != "seconds"}
    kept[name]["nll"] = [round(value, 6) for value in result["nll"]]
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()

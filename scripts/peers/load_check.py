"""Loads a pruned checkpoint in transformers and holds secateur-report.json against what is there.

    python scripts/peers/load_check.py DIR --text TEXT --length L --windows N [--skip K] [--nm 2:4]

Checks that every tensor loads and none is missing; zeros of each matrix; the files' digests; with --nm that every matrix of the report
keeps at most n of each m inputs; and the perplexity in float32 where the report measured the same windows (their tokens' digest).
Prints JSON. Exits with 1 where anything differs: a count at all, the perplexity by more than 0.1 %.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test" / "reference"))

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from checkpoint import Checkpoint, nm_violations
from perplexity import cut_windows, read_text, window_nlls
from versions import versions

LARGEST_PERPLEXITY_DIFFERENCE = 0.001


def check_zeros(folder: Path, report: dict[str, Any], nm: str | None) -> tuple[dict[str, Any], list[str]]:
    """Zeros counted in the file against the report's, and the n:m pattern."""
    checkpoint, problems, zeros, weights = Checkpoint(folder), [], 0, 0
    for matrix in report["matrices"]:
        weight = checkpoint[matrix["name"]]
        counted = int((weight == 0).sum())
        zeros, weights = zeros + counted, weights + weight.numel()
        if counted != matrix["zeros"]:
            problems.append(f"{matrix['name']}: {counted} zeros in the file, {matrix['zeros']} in the report")
        if not torch.isfinite(weight.float()).all():
            problems.append(f"{matrix['name']}: a weight is not finite")
        if nm and (broken := nm_violations(weight, *map(int, nm.split(":")))):
            problems.append(f"{matrix['name']}: {broken} groups keep more than {nm}")
    return {"matrices": len(report["matrices"]), "zeros": zeros, "weights": weights, "share": zeros / max(weights, 1)}, problems


def check_files(folder: Path, report: dict[str, Any]) -> list[str]:
    problems = []
    for file in report["output"]["files"]:
        data = (folder / file["name"]).read_bytes()
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            problems.append(f"{file['name']}: its sha256 is not the report's")
    return problems


def load(folder: Path) -> tuple[torch.nn.Module, list[str]]:
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    problems = [f"{kind.replace('_', ' ')}: {sorted(names)}" for kind, names in info.items() if names]
    return model.eval(), problems


def check_perplexity(
    model: torch.nn.Module, folder: Path, report: dict[str, Any], args: argparse.Namespace
) -> tuple[dict[str, Any], list[str]]:
    cut, _ = cut_windows(folder, read_text(args.text), args.length)
    windows = cut[args.skip :] if args.windows is None else cut[args.skip : args.skip + args.windows]
    nlls = window_nlls(model, windows)
    digest = hashlib.sha256(windows.to(torch.int32).numpy().tobytes()).hexdigest()
    measured = {"perplexity": math.exp(sum(nlls) / len(nlls)), "windows": len(nlls), "length": args.length, "tokensSha256": digest}
    if report["perplexity"] is None:
        return {**measured, "compared": "the report has no perplexity"}, []
    after, evaluation = report["perplexity"]["after"], report["evaluation"]
    if (after["windows"], after["length"]) != (len(nlls), args.length):
        return {**measured, "compared": f"not: the report has {after['windows']} windows of {after['length']}"}, []
    if evaluation["sha256"] != digest:
        return {**measured, "compared": "not: other tokens"}, ["the report's windows hold other tokens: another text, or another tokenizer"]
    difference = abs(after["perplexity"] / measured["perplexity"] - 1)
    apart = [abs(ours - theirs) for ours, theirs in zip(nlls, after["windowNll"])]
    figures = {**measured, "compared": "yes", "reported": after["perplexity"], "relativeDifference": difference}
    figures["largestWindowDifference"] = max(apart)
    if difference > LARGEST_PERPLEXITY_DIFFERENCE:
        return figures, [f"perplexity {measured['perplexity']:.4f} here, {after['perplexity']:.4f} in the report"]
    return figures, []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--windows", type=int, help="how many windows (all)")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--nm", help="n kept of m that every matrix of the report must keep to")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    report = json.loads((args.folder / "secateur-report.json").read_text())
    zeros, zero_problems = check_zeros(args.folder, report, args.nm)
    model, load_problems = load(args.folder)
    perplexity, perplexity_problems = check_perplexity(model, args.folder, report, args)
    problems = load_problems + check_files(args.folder, report) + zero_problems + perplexity_problems
    result = {"ok": not problems, "problems": problems, "zeros": zeros, "perplexity": perplexity, "versions": versions()}
    print(json.dumps(result, indent=1))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

"""Runs the published SparseGPT, Wanda, OWL or magnitude code on a llama-like checkpoint, on a CPU in float32, and times its phases.

    python scripts/peers/run_peer.py MODEL --tokens TOKENS.safetensors --out DIR --method sparsegpt --sparsegpt CLONE --sparsity 0.5
    python scripts/peers/run_peer.py MODEL --tokens TOKENS.safetensors --out DIR --method wanda --wanda CLONE --nm 2:4
    python scripts/peers/run_peer.py MODEL --tokens TOKENS.safetensors --out DIR --method owl --owl CLONE --sparsity 0.7

CLONE is a checkout of the published repository, given by whoever runs this; nothing of it is kept here. The published functions
run as they are: `llama_sequential` of SparseGPT's llama.py, `prune_wanda` and `prune_magnitude` of Wanda's lib/prune.py,
`prune_sparsegpt_outlier` of OWL's lib/prune_all.py (OWL's densities, then its own copy of SparseGPT's sweep). They were written for older libraries and for CUDA, so these things are adapted around them, and nothing else:

1. Decoder blocks of newer transformers want `position_embeddings`, which the published code does not hand on. A hook on each block
   adds the ones that the model made for the first sample; they depend on the position only, and every sample is equally long.
2. Blocks return a tensor where they returned a tuple. The published code takes `[0]` of it: the batch's only row instead of the
   tuple's first member, so the same values, and nothing had to change.
3. There is no CUDA: `torch.cuda.synchronize` does nothing, `Tensor.cuda` returns the tensor itself, the device argument is the CPU.
   Weights and activations are float32 (the published scripts keep the checkpoint's half precision).
4. Calibration tokens come from a file instead of from C4. Wanda's and OWL's `get_loaders` is replaced by one that returns them; their
   `hf_device_map`, which only `device_map` loading sets, is empty. `model.seqlen` is the tokens' length.
5. Wanda and OWL keep 128 hidden states whatever the number of samples; so they do here, which counts in their peak memory.
6. n:m is given as n kept of m; both published codes are told the number pruned, m - n.
7. The written checkpoint is the source with the pruned matrices put in, each in its source type (`--keep-f32`: all in float32).
   The published scripts call `save_pretrained`.

OUT/peer.json says what was run, seconds by phase and peak memory: `capture` (embedding up to the first block), `forward` (first pass
through the blocks without the statistics), `hessian` (statistics of either method), `solve`, `secondForward` (with pruned weights).
OWL goes through the dense blocks twice before that, which is `outliers`, statistics and the counting of outliers included.
`processorSeconds` is what the run itself used of all cores together; where the total is far above it divided by the threads, the machine
was busy with other things (`loadAverage`, at the end) and the seconds compare with nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "test" / "reference"))

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from versions import versions

CPU = torch.device("cpu")


class Clock:
    """Seconds by phase, told by hooks on the blocks: every `samples` calls of a block are one pass, and `passes` names the phase of each."""

    def __init__(self, samples: int, passes: list[str]) -> None:
        self.samples = samples
        self.passes = passes
        self.seconds = {"capture": 0.0, **dict.fromkeys(passes, 0.0), "hessian": 0.0, "solve": 0.0}
        self.position_embeddings: Any = None
        self._calls: dict[int, int] = {}
        self._started = self._ended = self._statistics = 0.0
        self._begin = time.perf_counter()

    def watch(self, model: torch.nn.Module) -> None:
        model.model.rotary_emb.register_forward_hook(self._keep_embeddings)
        for index, block in enumerate(model.model.layers):
            block.register_forward_pre_hook(self._before(index), with_kwargs=True)
            block.register_forward_hook(self._after(index))

    def time_statistics(self, owner: type) -> None:
        """Counts the seconds in the class's `add_batch` as `hessian`."""
        published = owner.add_batch

        def timed(*args: Any, **kwargs: Any) -> None:
            started = time.perf_counter()
            published(*args, **kwargs)
            self._statistics += time.perf_counter() - started

        owner.add_batch = timed

    def _keep_embeddings(self, _module: torch.nn.Module, _inputs: Any, output: Any) -> None:
        self.position_embeddings = output

    def _before(self, index: int) -> Callable[..., Any]:
        def hook(_module: torch.nn.Module, args: Any, kwargs: dict[str, Any]) -> Any:
            call = self._calls[index] = self._calls.get(index, 0) + 1
            self._started = time.perf_counter()
            if call == 1 and index == 0:
                self.seconds["capture"] = self._started - self._begin
            if (call - 1) % self.samples == 0 and call > self.samples:
                phase = self._phase(index)
                self.seconds["solve" if phase == "secondForward" else "outliers"] += self._started - self._ended
            self._statistics = 0.0
            return args, {**kwargs, "position_embeddings": self.position_embeddings}

        return hook

    def _after(self, index: int) -> Callable[..., Any]:
        def hook(_module: torch.nn.Module, _args: Any, _output: Any) -> None:
            self._ended = time.perf_counter()
            phase = self._phase(index)
            self.seconds[phase] += self._ended - self._started - self._statistics
            self.seconds["outliers" if phase == "outliers" else "hessian"] += self._statistics

        return hook

    def _phase(self, index: int) -> str:
        return self.passes[(self._calls[index] - 1) // self.samples]


def run_sparsegpt(clone: Path, model: torch.nn.Module, loader: list[Any], options: argparse.Namespace, clock: Clock) -> None:
    published = import_from(clone, "llama")
    clock.time_statistics(published.SparseGPT)
    pruned, group = nm_pruned(options.nm)
    published.args = SimpleNamespace(
        nsamples=len(loader), true_sequential=False, minlayer=-1, maxlayer=1000, prune_only="", invert=False,
        wbits=16, sparsity=options.sparsity or 0, prunen=pruned, prunem=group, percdamp=options.damping, blocksize=options.block,
    )
    published.llama_sequential(model, loader, CPU)


def run_wanda(clone: Path, model: torch.nn.Module, loader: list[Any], options: argparse.Namespace, clock: Clock) -> None:
    published = import_from(clone, "lib.prune")
    clock.time_statistics(published.WrappedGPT)
    published.get_loaders = lambda *_args, **_kwargs: (loader, None)
    pruned, group = nm_pruned(options.nm)
    args = SimpleNamespace(nsamples=len(loader), seed=0, sparsity_ratio=options.sparsity or 0, use_variant=False)
    published.prune_wanda(args, model, None, CPU, prune_n=pruned, prune_m=group)


def run_magnitude(clone: Path, model: torch.nn.Module, _loader: list[Any], options: argparse.Namespace, _clock: Clock) -> None:
    published = import_from(clone, "lib.prune")
    pruned, group = nm_pruned(options.nm)
    published.prune_magnitude(SimpleNamespace(sparsity_ratio=options.sparsity or 0), model, None, CPU, prune_n=pruned, prune_m=group)


def run_owl(clone: Path, model: torch.nn.Module, loader: list[Any], options: argparse.Namespace, clock: Clock) -> None:
    published = import_from(clone, "lib.prune_all")
    clock.time_statistics(published.WrappedGPT)
    clock.time_statistics(published.SparseGPT)
    published.get_loaders = lambda *_args, **_kwargs: (loader, None)
    pruned, group = nm_pruned(options.nm)
    args = SimpleNamespace(
        model="llama", nsamples=len(loader), seed=0, sparsity_ratio=options.sparsity or 0, Lamda=options.owl_lambda, Hyper_m=options.owl_m,
    )
    published.prune_sparsegpt_outlier(args, model, None, CPU, prune_n=pruned, prune_m=group)


METHODS = {"sparsegpt": run_sparsegpt, "wanda": run_wanda, "owl": run_owl, "magnitude": run_magnitude}

# The phase of each pass through the blocks, see Clock; OWL's two more come first.
PASSES = ["forward", "secondForward"]

PUBLISHED_FILES = {
    "sparsegpt": ["sparsegpt.py", "llama.py"],
    "wanda": ["lib/prune.py", "lib/layerwrapper.py"],
    "magnitude": ["lib/prune.py", "lib/layerwrapper.py"],
    "owl": ["lib/prune_all.py", "lib/sparsegpt.py", "lib/layerwrapper.py"],
}


def import_from(clone: Path, module: str) -> Any:
    sys.path.insert(0, str(clone))
    return importlib.import_module(module)


def published_sha256(clone: Path, method: str) -> dict[str, str]:
    """Which published code ran: these change rarely, and a checkout without its history does not say its commit."""
    return {file: hashlib.sha256((clone / file).read_bytes()).hexdigest() for file in PUBLISHED_FILES[method]}


def nm_pruned(nm: str | None) -> tuple[int, int]:
    """From 'kept:of' to what the published codes take: how many are pruned, of how many."""
    if nm is None:
        return 0, 0
    kept, group = map(int, nm.split(":"))
    return group - kept, group


def stand_in_for_cuda() -> None:
    torch.cuda.synchronize = lambda *_args, **_kwargs: None
    torch.Tensor.cuda = lambda self, *_args, **_kwargs: self


def load_model(folder: Path, length: int, attention: str) -> torch.nn.Module:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()
    model.seqlen = length
    model.hf_device_map = {}
    return model


def write_checkpoint(source: Path, out: Path, model: torch.nn.Module, keep_f32: bool) -> dict[str, int]:
    """Puts the pruned matrices into a copy of the source. Returns how many zeros were written, by tensor name."""
    matrices = {
        f"model.layers.{index}.{name}.weight": module.weight.data
        for index, block in enumerate(model.model.layers)
        for name, module in block.named_modules()
        if isinstance(module, torch.nn.Linear)
    }
    zeros = {}
    for shard in sorted(source.glob("model*.safetensors")):
        tensors = load_file(shard)
        for name, tensor in tensors.items():
            new = matrices.get(name, tensor).to(torch.float32 if keep_f32 else tensor.dtype)
            tensors[name] = new.contiguous()
            if name in matrices:
                zeros[name] = int((new == 0).sum())
        with safe_open(shard, "pt") as opened:
            save_file(tensors, out / shard.name, metadata=opened.metadata())
    for file in source.iterdir():
        if file.suffix in (".json", ".model", ".jinja", ".txt") and file.stat().st_size < 50_000_000:
            shutil.copyfile(file, out / file.name)
    if keep_f32:
        config = json.loads((out / "config.json").read_text())
        config.pop("torch_dtype", None)
        config["dtype"] = "float32"
        (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return zeros


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=Path, help="safetensors file with input_ids, int64 [samples, length]")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--method", choices=METHODS, required=True)
    parser.add_argument("--sparsegpt", type=Path, metavar="CLONE", help="checkout of IST-DASLab/sparsegpt")
    parser.add_argument("--wanda", type=Path, metavar="CLONE", help="checkout of locuslab/wanda (for magnitude too)")
    parser.add_argument("--owl", type=Path, metavar="CLONE", help="checkout of luuyin/OWL")
    parser.add_argument("--owl-lambda", type=float, default=0.08, help="half the range of OWL's densities (0.08, its code's and its paper's)")
    parser.add_argument("--owl-m", type=float, default=5, help="an outlier is so many times the mean (5, its README's; its code's default is 3)")
    amount = parser.add_mutually_exclusive_group(required=True)
    amount.add_argument("--sparsity", type=float, help="share of zeros")
    amount.add_argument("--nm", help="n kept of m, such as 2:4")
    parser.add_argument("--damping", type=float, default=0.01)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--samples", type=int, default=16, help="the first so many of the tokens")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--keep-f32", action="store_true", help="write float32 whatever the source's type")
    options = parser.parse_args()
    repository = "wanda" if options.method == "magnitude" else options.method
    clone = getattr(options, repository)
    if clone is None:
        parser.error(f"--method {options.method} needs a checkout: --{repository} CLONE")
    if options.tokens is None and options.method != "magnitude":
        parser.error(f"--method {options.method} needs --tokens")

    torch.set_num_threads(options.threads)
    logging.disable_progress_bar()
    stand_in_for_cuda()
    ids = load_file(options.tokens)["input_ids"][: options.samples] if options.tokens else torch.zeros(0, 0, dtype=torch.int64)
    model = load_model(options.model, ids.shape[1], options.attention)
    clock = Clock(len(ids), ["outliers", "outliers", *PASSES] if options.method == "owl" else PASSES)
    clock.watch(model)
    started, processor = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(sys.stderr), torch.no_grad():
        METHODS[options.method](clone, model, [(row[None], None) for row in ids], options, clock)
    total, processor = time.perf_counter() - started, time.process_time() - processor
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    options.out.mkdir(parents=True, exist_ok=True)
    zeros = write_checkpoint(options.model, options.out, model, options.keep_f32)
    weights = sum(module.weight.numel() for module in model.model.layers.modules() if isinstance(module, torch.nn.Linear))
    phases = {} if options.method == "magnitude" else {phase: round(value, 3) for phase, value in clock.seconds.items()}
    report = {
        "method": options.method,
        "sparsity": options.sparsity,
        "nm": options.nm,
        **({"owl": {"lambda": options.owl_lambda, "m": options.owl_m}} if options.method == "owl" else {}),
        "damping": options.damping,
        "block": options.block,
        "samples": len(ids),
        "length": ids.shape[1],
        "threads": options.threads,
        "attention": options.attention,
        "zeros": sum(zeros.values()),
        "weights": weights,
        "share": sum(zeros.values()) / weights,
        "seconds": {**phases, "total": round(total, 3)},
        "processorSeconds": round(processor, 3),
        "loadAverage": round(os.getloadavg()[0], 2),
        "peakMiB": round(peak_mib),
        "published": published_sha256(clone, options.method),
        "versions": versions(),
        "zerosByTensor": zeros,
    }
    (options.out / "peer.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps({key: value for key, value in report.items() if key != "zerosByTensor"}, indent=1))


if __name__ == "__main__":
    main()

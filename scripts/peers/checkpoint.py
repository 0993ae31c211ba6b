"""Reads tensors of a checkpoint folder one at a time, whatever its shards."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import torch
from safetensors import safe_open


class Checkpoint:
    """Tensors by name. The files are mapped, not read whole."""

    def __init__(self, folder: Path) -> None:
        self._files = [safe_open(file, "pt") for file in sorted(folder.glob("model*.safetensors"))]
        if not self._files:
            raise SystemExit(f"{folder}: no model*.safetensors")
        self._where = {name: file for file in self._files for name in file.keys()}

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __getitem__(self, name: str) -> torch.Tensor:
        return self._where[name].get_tensor(name)

    def names(self) -> list[str]:
        return sorted(self._where)

    def matrices(self) -> Iterator[str]:
        """Names of the linears inside decoder blocks, in the order of blocks: what pruning is about."""
        chosen = [name for name in self._where if ".layers." in name and len(self._where[name].get_slice(name).get_shape()) == 2]
        yield from sorted(chosen, key=lambda name: (block_of(name), name))


def block_of(name: str) -> int:
    """The decoder block a tensor belongs to."""
    parts = name.split(".")
    return int(parts[parts.index("layers") + 1])


def nm_violations(weight: torch.Tensor, kept: int, group: int) -> int:
    """Groups of `group` consecutive inputs of one output row that hold more than `kept` non-zeros."""
    rows, columns = weight.shape
    if columns % group:
        raise SystemExit(f"{columns} inputs cannot be cut into groups of {group}")
    return int(((weight != 0).reshape(rows, columns // group, group).sum(2) > kept).sum())

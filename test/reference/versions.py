"""The versions a reference figure was made with, as one dictionary to store next to it."""

from __future__ import annotations

import platform

import numpy
import safetensors
import torch
import transformers


def versions() -> dict[str, str]:
    """Names and versions of everything that can move a reference figure."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
        "numpy": numpy.__version__,
    }


if __name__ == "__main__":
    for name, version in versions().items():
        print(name, version)

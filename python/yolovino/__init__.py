"""Ultralytics models on OpenVINO, without PyTorch: export, predict, track, validate, and benchmark.

>>> from yolovino import YOLO
>>> model = YOLO("yolov8n.pt")
>>> model.export(format="openvino")
>>> results = YOLO("yolov8n_openvino_model/")("bus.jpg")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yolovino.error import Error
    from yolovino.metrics import merge_val
    from yolovino.model import YOLO
    from yolovino.results import Results

    __version__: str

__all__ = ["YOLO", "Error", "Results", "__version__", "merge_val"]

_HOMES = {"YOLO": "model", "Error": "error", "Results": "results", "merge_val": "metrics"}


def __getattr__(name: str) -> object:
    """Imports what is asked for: a program that only exports needs no numpy."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"yolovino.{_HOMES[name]}"), name)
    if name == "__version__":
        from yolovino.native.calls import text
        from yolovino.native.library import library

        return text(library().yv_version())
    raise AttributeError(f"module 'yolovino' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

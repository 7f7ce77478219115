"""A model of the library."""

from __future__ import annotations

import ctypes as c
import json
import os
from typing import TYPE_CHECKING, Any

from yolovino.native.calls import Options, call, call_for_handle, call_for_text, text
from yolovino.native.functions import Handle, Input
from yolovino.native.library import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from yolovino.native.image import MemoryImage
    from yolovino.native.result import NativeResult


def _result_of(handle: Handle) -> NativeResult:
    # Results need numpy, which is imported while the library works: see YOLO.
    from yolovino.native.result import NativeResult

    return NativeResult(handle)


class _Owner:
    """Owns a handle, which is freed with the object, but not in the child of a fork."""

    _free = ""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self._process = os.getpid()

    def __del__(self) -> None:
        if self.handle and self._process == os.getpid():
            getattr(library(), self._free)(self.handle)
            self.handle = Handle()


class NativeModel(_Owner):
    """Owns a model of the library. Any number of threads may use it."""

    _free = "yv_model_free"

    def __init__(self, path: str, options: Mapping[str, object]) -> None:
        self.handle = Handle()
        super().__init__(call_for_handle("yv_model_open", os.fsencode(path), *Options(options).arguments))

    @property
    def task(self) -> str:
        """What the model does."""
        return text(library().yv_model_task(self.handle))

    def names(self) -> dict[int, str]:
        """Class names by class id."""
        native = library()
        count = native.yv_model_class_count(self.handle)
        return {cls: text(native.yv_model_class_name(self.handle, cls)) for cls in range(count)}

    def info(self) -> dict[str, Any]:
        """Everything that the file says of itself."""
        info: dict[str, Any] = json.loads(text(library().yv_model_info_json(self.handle)))
        return info

    def compile(self, options: Mapping[str, object]) -> None:
        """Makes the network ready for predictions with these options."""
        call("yv_model_compile", self.handle, *Options(options).arguments)

    def batch(self, images: Sequence[MemoryImage], options: Options) -> list[NativeResult]:
        """Predicts on images from memory; a bad image does not fail the others."""
        inputs = (Input * len(images))(*(image.input() for image in images))
        results = (Handle * len(images))()
        call("yv_predict_batch", self.handle, inputs, len(images), *options.arguments, results)
        return [_result_of(Handle(address)) for address in results]

    def source(self, source: str, options: Options, mode: str) -> Predictions:
        """Predicts or tracks on files, folders, videos, and the like."""
        function = "yv_track_source" if mode == "track" else "yv_predict_source"
        handle = call_for_handle(function, self.handle, os.fsencode(source), *options.arguments)
        return Predictions(handle, self)

    def tracker(self, options: Options) -> NativeTracker:
        """Follows objects through the frames of one video."""
        return NativeTracker(call_for_handle("yv_tracker_new", self.handle, *options.arguments))

    def export(self, options: Mapping[str, object]) -> str:
        """Writes the model in another format and returns where."""
        return call_for_text("yv_export", self.handle, *Options(options).arguments)

    def val(self, options: Mapping[str, object]) -> dict[str, Any]:
        """Measures the model."""
        metrics: dict[str, Any] = json.loads(call_for_text("yv_val", self.handle, *Options(options).arguments))
        return metrics


class Predictions(_Owner):
    """The results of a source, computed as they are asked for."""

    _free = "yv_predictions_free"

    def __init__(self, handle: Handle, keeps: object) -> None:
        super().__init__(handle)
        self._keeps = keeps

    def __iter__(self) -> Iterator[NativeResult]:
        try:
            while True:
                result = call_for_handle("yv_predictions_next", self.handle)
                if not result:
                    return
                yield _result_of(result)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the work early; files that are begun are finished."""
        library().yv_predictions_stop(self.handle)


class NativeTracker(_Owner):
    """Owns a tracker, the memory of one video."""

    _free = "yv_tracker_free"

    def frame(self, image: MemoryImage) -> NativeResult:
        """The next frame."""
        if image.pixels is not None:
            return _result_of(call_for_handle("yv_tracker_pixels", self.handle, c.byref(image.c_image())))
        encoded = image.encoded
        assert encoded is not None
        return _result_of(call_for_handle("yv_tracker_encoded", self.handle, encoded, len(encoded)))

    def source(self, source: str) -> Predictions:
        """Goes on with a source as if it continued what came before."""
        return Predictions(call_for_handle("yv_tracker_source", self.handle, os.fsencode(source)), self)


def merge(files: Sequence[str], options: Mapping[str, object]) -> dict[str, Any]:
    """Puts the parts of a validation together."""
    paths = (c.c_char_p * len(files))(*(os.fsencode(file) for file in files))
    metrics: dict[str, Any] = json.loads(call_for_text("yv_val_merge", paths, len(files), *Options(options).arguments))
    return metrics


def benchmark(checkpoint: str, options: Mapping[str, object]) -> dict[str, Any]:
    """Compares the formats of a checkpoint."""
    report: dict[str, Any] = json.loads(
        call_for_text("yv_benchmark", os.fsencode(checkpoint), *Options(options).arguments)
    )
    return report


def options_of(mode: str) -> list[dict[str, Any]]:
    """The options of a mode: key, type, default, help."""
    options: list[dict[str, Any]] = json.loads(call_for_text("yv_options_json", mode.encode()))
    return options

"""The model: `YOLO`, with the methods of Ultralytics."""

from __future__ import annotations

import os
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from yolovino import run_folder, sources
from yolovino.error import Error
from yolovino.interrupt import interruptible
from yolovino.messages import logger
from yolovino.native.calls import Options
from yolovino.native.model import NativeModel, NativeTracker, benchmark, options_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Unpack

    from yolovino.metrics import Metrics
    from yolovino.native.image import MemoryImage
    from yolovino.native.result import NativeResult
    from yolovino.options import BenchmarkOptions, ExportOptions, PredictOptions, TrackOptions, ValOptions
    from yolovino.results import Results

Mode = Literal["predict", "track"]
MOST_IN_A_BATCH = 4096


@cache
def _import_results_meanwhile() -> None:
    # Results need numpy, whose import takes as long as reading a model; Python may run while the library does that.
    thread = threading.Thread(target=import_module, args=("yolovino.results",), daemon=True)
    thread.start()
    # The child of a fork would wait for ever for an import that another thread of its parent had begun.
    os.register_at_fork(before=thread.join)


class YOLO:
    """A model: an Ultralytics checkpoint, or what was exported from one.

    Nothing in the file is executed. Any number of threads may use one model. A model pickles as its path and options.

    Args:
        model: a ``.pt``, an OpenVINO folder, an ``.onnx``, or a ``.torchscript`` file.
        task: what an export does that does not say it: ``"detect"``, ``"segment"``, ``"pose"``, ``"obb"``, or
            ``"classify"``.
        **options: options that all calls of this model take unless their own say otherwise: ``device="cpu"``,
            ``threads=1``.

    Raises:
        Error: NotFound, CorruptFile, UnsupportedFile, UnsupportedModel, or another code for a file that is no model.
    """

    def __init__(self, model: str | Path, task: str | None = None, **options: Unpack[PredictOptions]) -> None:
        self._path = os.path.abspath(os.fspath(model))
        self._task = task
        self.overrides: dict[str, object] = dict(options)
        _import_results_meanwhile()
        self._native = NativeModel(self._path, {} if task is None else {"task": task})
        self._names: dict[int, str] | None = None
        self._tracker: tuple[dict[str, object], NativeTracker] | None = None
        self._lock = threading.Lock()
        self.metrics: Metrics | None = None

    # --- what it is ---

    @property
    def names(self) -> dict[int, str]:
        """Class names by class id."""
        if self._names is None:
            self._names = self._native.names()
        return self._names

    @property
    def task(self) -> str:
        """What the model does."""
        return self._native.task

    @property
    def model_name(self) -> str:
        """The path of the model."""
        return self._path

    @property
    def ckpt_path(self) -> str:
        """The path of the model."""
        return self._path

    @property
    def device(self) -> str:
        """The device that its options name, else ``cpu``."""
        return str(self.overrides.get("device") or "cpu")

    def info(self, detailed: bool = False, verbose: bool = True) -> tuple[int, int, int, float]:
        """Returns the counts of layers, parameters, and gradients, and the GFLOPs; prints them, too.

        Args:
            detailed: print the table of layers.
            verbose: print.
        """
        known = self.details()
        row = tuple(known.get(key) or 0 for key in ("layers", "parameters", "gradients", "gflops"))
        if verbose:
            for layer in known.get("layer_table", []) if detailed else []:
                logger.info("%s", "  ".join(str(each) for each in layer.values()))
            name = known.get("name") or Path(self._path).stem
            logger.info(
                "%s summary: %d layers, %s parameters, %d gradients, %.1f GFLOPs",
                *(name, row[0], f"{row[1]:,}", row[2], row[3]),
            )
        return cast("tuple[int, int, int, float]", row)

    def details(self) -> dict[str, Any]:
        """Returns everything that the file says of itself: names, strides, sizes, training arguments."""
        return self._native.info()

    def fuse(self) -> YOLO:
        """Returns the model: batch norms are folded in any case."""
        return self

    def to(self, device: object) -> YOLO:
        """Takes a device for all calls of this model and returns the model."""
        self.overrides["device"] = str(device)
        return self

    # --- predictions ---

    @overload
    def predict(
        self, source: Any, stream: Literal[False] = False, **kwargs: Unpack[PredictOptions]
    ) -> list[Results]: ...

    @overload
    def predict(self, source: Any, stream: Literal[True], **kwargs: Unpack[PredictOptions]) -> Iterator[Results]: ...

    def predict(
        self, source: Any = None, stream: bool = False, **kwargs: Unpack[PredictOptions]
    ) -> list[Results] | Iterator[Results]:
        """Predicts on a source.

        Args:
            source: a path, folder, pattern, list file, video, URL, stream, or camera number; bytes of an encoded
                image; an array ``[height, width, 3]`` of uint8, BGR; a PIL image; or a list of images, which are one
                batch.
            stream: give the results one after the other, as they are computed.
            **kwargs: options of ``yolo predict``.

        Returns:
            A result for each image or frame.

        Raises:
            Error: InvalidArgument for an unknown option or a wrong value, NotFound, CorruptFile, and others.
        """
        found = self._results(source, "predict", self._options("predict", dict(kwargs)))
        return found if stream else list(found)

    @overload
    def __call__(
        self, source: Any, stream: Literal[False] = False, **kwargs: Unpack[PredictOptions]
    ) -> list[Results]: ...

    @overload
    def __call__(self, source: Any, stream: Literal[True], **kwargs: Unpack[PredictOptions]) -> Iterator[Results]: ...

    def __call__(
        self, source: Any = None, stream: bool = False, **kwargs: Unpack[PredictOptions]
    ) -> list[Results] | Iterator[Results]:
        """Predicts, see `predict`."""
        found = self._results(source, "predict", self._options("predict", dict(kwargs)))
        return found if stream else list(found)

    @overload
    def track(
        self, source: Any, stream: Literal[False] = False, persist: bool = False, **kwargs: Unpack[TrackOptions]
    ) -> list[Results]: ...

    @overload
    def track(
        self, source: Any, stream: Literal[True], persist: bool = False, **kwargs: Unpack[TrackOptions]
    ) -> Iterator[Results]: ...

    def track(
        self, source: Any = None, stream: bool = False, persist: bool = False, **kwargs: Unpack[TrackOptions]
    ) -> list[Results] | Iterator[Results]:
        """Follows objects through the frames of a source; the boxes have ids.

        Args:
            source: as for `predict`.
            stream: give the results one after the other, as they are computed.
            persist: go on where the last call stopped: for programs that have the frames.
            **kwargs: options of ``yolo track``.
        """
        options = self._options("track", dict(kwargs))
        found = self._tracked(source, options, persist)
        return found if stream else list(found)

    def predict_each(self, images: Iterable[Any], **kwargs: Unpack[PredictOptions]) -> list[Results | Error]:
        """Predicts on images of which some may be bad, and returns a result or an error for each.

        Args:
            images: as a list for `predict`; each image is predicted for itself unless ``batch`` says otherwise.
            **kwargs: options of ``yolo predict``.
        """
        options = self._options("predict", {"batch": 1, **kwargs})
        opened = [sources.opened(each, i) for i, each in enumerate(images)]
        good = [each for each in opened if not isinstance(each, Error)]
        found = iter(self._native.batch(good, Options(_without_files(options))) if good else [])
        return [each if isinstance(each, Error) else self._result_or_error(next(found)) for each in opened]

    def _result_or_error(self, native: NativeResult) -> Results | Error:
        try:
            native.raise_failure()
        except Error as error:
            return error
        return next(self._finished([native]))

    def embed(self, source: Any = None, **kwargs: Unpack[PredictOptions]) -> list[Any]:
        """Returns the features of a checkpoint for each image, by default those of the layer before the head."""
        options = self._options("predict", dict(kwargs))
        if options.get("embed") is None:
            layers = self.details().get("layer_table", [])
            if len(layers) < 2:
                raise Error("InvalidArgument", f"[python] embed needs a checkpoint, this has no layers ({self._path})")
            options["embed"] = [len(layers) - 2]
        return [results.embedding for results in self._results(source, "predict", options)]

    # --- the other modes ---

    def val(self, **kwargs: Unpack[ValOptions]) -> Metrics:
        """Measures the model on a dataset.

        Args:
            **kwargs: options of ``yolo val``; ``data`` is the dataset's YAML.

        Returns:
            The metrics: ``metrics.box.map``, ``metrics.results_dict``.
        """
        from yolovino.metrics import Metrics

        options = self._options("val", dict(kwargs))
        found = interruptible(lambda: self._native.val(options))
        self.metrics = Metrics(found, self.names)
        return self.metrics

    def export(self, **kwargs: Unpack[ExportOptions]) -> str:
        """Writes the model in another format and returns the path of what was written.

        Args:
            **kwargs: options of ``yolo export``: ``format="openvino"``, ``int8=True``.
        """
        options = self._options("export", dict(kwargs))
        return interruptible(lambda: self._native.export(options))

    def benchmark(self, **kwargs: Unpack[BenchmarkOptions]) -> list[dict[str, Any]]:
        """Exports the checkpoint in all formats, validates and times each, and returns a row for each.

        Everything runs in this process; the command ``yolo benchmark`` gives each format a process of its own, and so
        measures its memory.

        Args:
            **kwargs: options of ``yolo benchmark``; ``data`` is the dataset's YAML.
        """
        options = self._options("benchmark", dict(kwargs))
        report = interruptible(lambda: benchmark(self._path, options))
        if options.get("verbose", True):
            logger.info("%s", report["table"])
        rows: list[dict[str, Any]] = report["rows"]
        return rows

    def train(self, *args: object, **kwargs: object) -> None:
        """Raises: yolovino runs models and does not train them."""
        raise Error("InvalidArgument", "[python] yolovino does not train; train with Ultralytics and load its .pt here")

    # --- inside ---

    def _options(self, mode: str, given: dict[str, Any]) -> dict[str, object]:
        """The options of a call, together with those of the model that its mode has."""
        if "ov_config" in given:
            given["ov.config"] = given.pop("ov_config")
        if not self.overrides:
            return given
        known = {option["key"] for option in options_of(mode)}
        return {**{key: value for key, value in self.overrides.items() if key in known}, **given}

    def _results(self, source: Any, mode: Mode, options: dict[str, object]) -> Iterator[Results]:
        named = sources.named_source(source)
        if named is not None:
            return self._finished(self._native.source(named, Options(options), mode))
        images = sources.memory_images(source)
        return self._saved(self._in_batches(images, options), options, mode)

    def _in_batches(self, images: list[MemoryImage], options: dict[str, object]) -> Iterator[Results]:
        batch = options.get("batch") or min(len(images), MOST_IN_A_BATCH)
        prepared = Options({**_without_files(options), "batch": batch})
        for first in range(0, len(images), MOST_IN_A_BATCH):
            found = self._native.batch(images[first : first + MOST_IN_A_BATCH], prepared)
            for native in found:
                native.raise_failure()
            results = list(self._finished(found))
            if options.get("verbose", True):
                _log_lines(results)
            yield from results

    def _tracked(self, source: Any, options: dict[str, object], persist: bool) -> Iterator[Results]:
        named = sources.named_source(source)
        if not persist:
            if named is not None:
                return self._finished(self._native.source(named, Options(options), "track"))
            tracker = self._native.tracker(Options(_without_files(options)))
        else:
            tracker = self._persistent_tracker(options if named is not None else _without_files(options))
            if named is not None:
                return self._finished(tracker.source(named))
        images = sources.memory_images(source)
        frames = self._finished(tracker.frame(image) for image in images)
        return self._saved(self._logged(frames, options), options, "track")

    def _persistent_tracker(self, options: dict[str, object]) -> NativeTracker:
        """The tracker of the last call, unless the options have changed."""
        with self._lock:
            if self._tracker is None or self._tracker[0] != options:
                self._tracker = (options, self._native.tracker(Options(options)))
            return self._tracker[1]

    def _finished(self, found: Iterable[NativeResult]) -> Iterator[Results]:
        from yolovino.results import Results

        names = self.names
        for native in found:
            yield Results._of_native(native, names)

    def _logged(self, found: Iterator[Results], options: dict[str, object]) -> Iterator[Results]:
        for results in found:
            if options.get("verbose", True):
                _log_lines([results])
            yield results

    def _saved(self, found: Iterator[Results], options: dict[str, object], mode: Mode) -> Iterator[Results]:
        if not run_folder.saves(options):
            yield from found
            return
        folder = run_folder.new_run_folder(options, self.task, mode)
        for results in found:
            run_folder.save(results, folder, options)
            yield results
        run_folder.report(folder)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self._path, self._task, self.overrides))

    def __repr__(self) -> str:
        return f"YOLO({self._path!r}, task={self.task!r})"


def _rebuild(path: str, task: str | None, overrides: dict[str, Any]) -> YOLO:
    return YOLO(path, task, **overrides)


def _without_files(options: dict[str, object]) -> dict[str, object]:
    """The options without those that write: Python writes the files of images from memory."""
    return {key: value for key, value in options.items() if key not in run_folder.SAVING}


def _log_lines(results: list[Results]) -> None:
    """A line for each image of a batch and one for the times, as Ultralytics prints them for images from memory."""
    logger.info("")
    for i, each in enumerate(results):
        height, width = each._input_shape()
        logger.info("%d: %dx%d %s%.1fms", i, height, width, each.verbose(), each.speed["inference"])
    height, width = results[0]._input_shape()
    mean = {stage: sum(each.speed[stage] for each in results) / len(results) for stage in results[0].speed}
    logger.info(
        "Speed: %.1fms preprocess, %.1fms inference, %.1fms postprocess per image at shape (1, 3, %d, %d)",
        *(mean["preprocess"], mean["inference"], mean["postprocess"], height, width),
    )

"""Predictions and validations on a Ray cluster: ``pip install yolovino "ray[data]"``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import ray
import ray.data

from yolovino import workers
from yolovino.error import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


# A task that reads, one that writes, and the actor that leaves out what a checkpoint names.
CPUS_OF_OTHERS = 3


class _Actor:
    """A model in a process of its own."""

    def __init__(self, model: str, threads: int, options: dict[str, Any]) -> None:
        self._worker = workers.Worker(model, threads, options)

    def __call__(self, batch: dict[str, np.ndarray[Any, Any]]) -> dict[str, list[Any]]:
        rows = self._worker.rows([str(path) for path in batch["path"]], list(batch["bytes"]))
        return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def plan(cpus: Sequence[int], actors: int | None, threads: int | None) -> tuple[int, int, int]:
    """Decides how many actors there are, of how many threads, and how many CPUs Ray books for each.

    An actor books a CPU less than it has threads, and less than that on small clusters: actors that hold the CPUs which
    reading, writing, and the filter of a checkpoint need wait for their input for ever.

    Args:
        cpus: of each machine.
        actors: as many; None: as many as the threads allow.
        threads: of each actor; None: those of the smallest machine, shared by the actors.
    """
    most = max(cpus, default=0)
    if threads is None:
        threads = min(cpus, default=1) if actors is None else max(1, min(sum(cpus) // max(actors, 1), most))
    if threads < 1 or threads > most:
        raise Error("InvalidArgument", f"[ray] threads is {threads}, wanted 1 to {most}, the CPUs of a machine")
    room = sum(count // threads for count in cpus)
    if actors is None:
        actors = room
    if actors < 1 or actors > room:
        raise Error(
            "InvalidArgument",
            f"[ray] {actors} actors with {threads} threads each, wanted 1 to {room} on machines of {list(cpus)} CPUs; "
            "give fewer actors or threads",
        )
    return actors, threads, max(0, min(threads - 1, (sum(cpus) - CPUS_OF_OTHERS) // actors))


def predict(
    paths: str | list[str] | ray.data.Dataset,
    model: str,
    *,
    actors: int | None = None,
    threads: int | None = None,
    batch_size: int = 64,
    **options: Any,
) -> ray.data.Dataset:
    """Looks at all images with a pool of actors. Nothing is computed before the dataset is read or written.

    Args:
        paths: files, folders, or addresses that Ray reads, or a dataset with the columns ``path`` and ``bytes``.
        model: a checkpoint or an export, on a disk that all machines see.
        actors: models; None: as many as there are CPUs for.
        threads: of each model; None: all CPUs of a machine.
        batch_size: images that an actor takes at once, all of which are in its memory.
        **options: options of ``yolo predict``: ``conf=0.5``, ``imgsz=640``.

    Returns:
        A row for each image, in no fixed order: ``path``, ``height``, ``width``, ``boxes`` (six numbers of each object:
        corners, score, class), ``json`` (as `Results.summary`), and ``error``, which is empty but for an image that
        failed.
    """
    if not ray.is_initialized():
        ray.init()
    actors, threads, booked = plan(_machines(), actors, threads)
    images = paths if isinstance(paths, ray.data.Dataset) else _read(paths)
    return images.map_batches(
        _Actor,
        batch_size=batch_size,
        compute=ray.data.ActorPoolStrategy(size=actors),
        num_cpus=booked,
        fn_constructor_kwargs={"model": os.path.abspath(model), "threads": threads, "options": options},
    )


def val(
    model: str,
    data: str,
    folder: str,
    *,
    shards: int,
    threads: int | None = None,
    resume: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Validates in parts, which may be lost and repeated, and returns the numbers of the whole.

    Args:
        model: a checkpoint or an export, on a disk that all machines see, as are the next two.
        data: the dataset's YAML.
        folder: where the parts are written; each file is named by its part and appears when it is complete.
        shards: parts, several for each process, but no more than the dataset has batches.
        threads: of each process; None: all CPUs of a machine.
        resume: leave out the parts that have a file. Files of another run are refused at the end.
        **options: options of ``yolo val``: ``batch=16``, ``imgsz=640``.
    """
    if not ray.is_initialized():
        ray.init()
    _, threads, _ = plan(_machines(), None, threads)
    os.makedirs(folder, exist_ok=True)
    # Parts wait for nothing but CPUs, so they may have all of them.
    task = ray.remote(num_cpus=threads, max_retries=-1)(workers.write_part)
    settings = {"threads": threads, "workers": threads, **options}
    places = [os.path.abspath(each) for each in (model, data)]
    numbers = workers.missing_parts(folder, shards, resume)
    ray.get([task.remote(*places, each, shards, os.path.abspath(folder), settings) for each in numbers])
    return workers.merged(folder, shards)


def _machines() -> list[int]:
    """The CPUs of each machine."""
    counts = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    return [count for count in counts if count > 0]


def _read(paths: str | list[str]) -> ray.data.Dataset:
    """The actors decode: pixels would be twenty times as large in Ray's memory."""
    return ray.data.read_binary_files(paths, include_paths=True)

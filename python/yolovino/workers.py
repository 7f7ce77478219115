"""What the engines of clusters have in common: workers that look at many images, and parts of a validation."""

from __future__ import annotations

import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolovino.error import Error
from yolovino.model import YOLO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

Row = dict[str, Any]


def quota_threads(root: Path = Path("/")) -> int | None:
    """Threads that the CPU quota of this container keeps busy, at least 1; None without a quota."""
    quotas = []
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        mount, kind = before.split(), after.split()
        unified = kind[:1] == ["cgroup2"]
        if len(mount) < 5 or not (unified or (kind[:1] == ["cgroup"] and "cpu" in kind[-1].split(","))):
            continue
        top = root / mount[4].lstrip("/")
        inner = Path(os.path.relpath(_group(root, unified), mount[3]))
        folders = [top] if inner.parts[:1] in ((), ("..",)) else [top / inner, *(top / each for each in inner.parents)]
        quotas += [quota for folder in folders if (quota := _quota(folder, unified))]
    return max(1, int(min(quotas))) if quotas else None


def within_quota(threads: int) -> int:
    """As many threads, or fewer if this container's CPU quota cannot keep them busy."""
    return min(threads, quota_threads() or threads)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _group(root: Path, unified: bool) -> str:
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, group = (line.split(":", 2) + ["", ""])[:3]
        if (number == "0" and not controllers) if unified else "cpu" in controllers.split(","):
            return group or "/"
    return "/"


def _quota(folder: Path, unified: bool) -> float | None:
    names = ("cpu.max",) if unified else ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    words = " ".join(" ".join(_lines(folder / name)) for name in names).split()
    try:
        quota, period = (float(word) for word in words)
    except ValueError:
        return None
    return quota / period if quota > 0 and period > 0 else None


class Worker:
    """A model that looks at images in bulk, on its own few threads, and reports a bad image in its row.

    Args:
        model: a checkpoint or an export.
        threads: of the inference; a smaller CPU quota wins.
        options: options of ``yolo predict``.
    """

    def __init__(self, model: str, threads: int, options: Mapping[str, Any]) -> None:
        threads = within_quota(threads)
        # Unpinned: several workers on a machine would bind their threads to the same cores.
        settings = {"performance": "throughput", "pinning": False, **options, "threads": threads}
        self._model = YOLO(model, **settings)
        # More than the device works on, so that the next images are decoded when an inference comes back.
        self._pool = ThreadPoolExecutor(max_workers=threads + 2)
        self._ahead = 2 * threads + 4

    def rows(self, names: Sequence[str], images: Sequence[bytes]) -> list[Row]:
        """Returns a row for each image, in their order."""
        return list(self._pool.map(self._row, names, images))

    def stream(self, images: Iterable[tuple[str, bytes]]) -> Iterator[Row]:
        """Gives the rows of images that come one by one, with their names, without a pause between batches."""
        begun: deque[Future[Row]] = deque()
        for name, image in images:
            begun.append(self._pool.submit(self._row, name, image))
            if len(begun) > self._ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def _row(self, name: str, image: bytes) -> Row:
        try:
            (results,) = self._model.predict(bytes(image), verbose=False)
        except Error as error:
            # What concerns all images must not look like so many bad ones.
            if error.code in ("DeviceUnavailable", "MissingComponent", "InvalidArgument", "UnsupportedModel"):
                raise
            return {"path": name, "height": 0, "width": 0, "boxes": [], "json": "[]", "error": str(error)}
        height, width = results.orig_shape
        boxes = results.boxes
        return {
            "path": name,
            "height": height,
            "width": width,
            "boxes": [] if boxes is None else boxes.data[:, :6].astype("float32").ravel().tolist(),
            "json": json.dumps(results.summary()),
            "error": "",
        }


_workers: dict[str, Worker] = {}


def shared_worker(model: str, threads: int, options: Mapping[str, Any]) -> Worker:
    """The worker of this process for a model: a process that serves many tasks loads it once."""
    key = repr((model, threads, sorted(options.items())))
    if key not in _workers:
        _workers.clear()
        _workers[key] = Worker(model, threads, options)
    return _workers[key]


def part_file(folder: str | Path, shard: int, shards: int) -> Path:
    """Where part `shard` of `shards` is written, both from 1."""
    return Path(folder) / f"shard-{shard}-of-{shards}.val"


def write_part(model: str, data: str, shard: int, shards: int, folder: str, options: Mapping[str, Any]) -> str:
    """Validates one part and writes its file, which appears when it is complete: doing it again does no harm."""
    place = Path(folder).absolute()
    settings = {"pinning": False, "plots": False, "verbose": False, **options}
    settings["threads"] = within_quota(int(options["threads"]))
    settings |= {"project": str(place.parent), "name": place.name, "exist_ok": True, "save": False}
    YOLO(model).val(data=data, shard=f"{shard}/{shards}", **settings)
    return str(part_file(folder, shard, shards))


def missing_parts(folder: str | Path, shards: int, resume: bool) -> list[int]:
    """The parts that are to be computed; with `resume` those that have no file yet."""
    numbers = range(1, shards + 1)
    return [each for each in numbers if not (resume and part_file(folder, each, shards).exists())]


def merged(folder: str | Path, shards: int) -> dict[str, Any]:
    """The numbers of the whole validation, exactly those of a run in one process; also written to `folder`/merged."""
    from yolovino.native.model import merge

    files = [str(part_file(folder, each, shards)) for each in range(1, shards + 1)]
    place = {"project": os.path.abspath(folder), "name": "merged", "exist_ok": True}
    return merge(files, {"plots": False, "verbose": False, **place})

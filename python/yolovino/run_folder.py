"""Run folders of images from memory; those of files are made by the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from yolovino.messages import logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yolovino.results import Results

SAVING = ("save", "save_txt", "save_crop")


def saves(options: Mapping[str, object]) -> bool:
    """Whether the options ask for files."""
    return any(options.get(name) for name in SAVING)


def new_run_folder(options: Mapping[str, object], task: str, mode: str) -> Path:
    """Makes ``runs/<task>/<mode>``, then ``<mode>-2``, and so on."""
    root = Path(str(options.get("project") or Path("runs") / task))
    name = str(options.get("name") or mode)
    folder, count = root / name, 1
    while not options.get("exist_ok") and folder.exists():
        count += 1
        folder = root / f"{name}-{count}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def save(results: Results, folder: Path, options: Mapping[str, object]) -> None:
    """Writes what the options ask for."""
    results.save_dir = str(folder)
    name = Path(results.path).name
    if options.get("save"):
        width = options.get("line_width")
        results.save(
            folder / name,
            conf=bool(options.get("show_conf", True)),
            labels=bool(options.get("show_labels", True)),
            boxes=bool(options.get("show_boxes", True)),
            line_width=width if isinstance(width, int) else None,
        )
    if options.get("save_txt"):
        (folder / "labels").mkdir(exist_ok=True)
        results.save_txt(folder / "labels" / f"{Path(name).stem}.txt", save_conf=bool(options.get("save_conf")))
    if options.get("save_crop"):
        results.save_crop(folder / "crops", name)


def report(folder: Path) -> None:
    """Says where the files are, as for files."""
    logger.info("Results saved to %s", folder)

"""What the tests share: places, and the command they compare with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from yolovino import YOLO

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "assets" / "sample"
BUILD = Path(os.environ.get("YOLOVINO_BUILD", ROOT / "build" / "release"))
SHARED = Path(os.environ.get("YOLOVINO_SHARED", ROOT.parent / "shared"))
TASKS = ("detect", "segment", "pose", "obb", "classify")
_SUFFIXES = {"detect": "", "segment": "-seg", "pose": "-pose", "obb": "-obb", "classify": "-cls"}


def sample_model(task: str) -> Path:
    """The sample checkpoint of a task."""
    return SAMPLE / f"yolov8-shapes{_SUFFIXES[task]}.pt"


def sample_images(task: str) -> list[Path]:
    """The images of its validation set, in the order of their names."""
    folder = SAMPLE / f"shapes-val{_SUFFIXES[task]}"
    return sorted(file for file in folder.rglob("*") if file.suffix in (".jpg", ".png") and "val" in file.parts)


def sample_data(task: str) -> Path:
    """What `data=` takes."""
    folder = SAMPLE / f"shapes-val{_SUFFIXES[task]}"
    return folder if task == "classify" else next(folder.glob("*.yaml"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data, which is too large for the repository."""
    if not (SHARED / "golden").is_dir():
        pytest.skip(f"no reference data in {SHARED}; set YOLOVINO_SHARED")
    return SHARED


@pytest.fixture(scope="session")
def model() -> Callable[[str], YOLO]:
    """The sample model of a task, opened once, in f32 on the CPU."""
    from yolovino import YOLO

    opened: dict[str, YOLO] = {}

    def open_once(task: str) -> YOLO:
        if task not in opened:
            opened[task] = YOLO(sample_model(task), device="cpu", precision="f32")
        return opened[task]

    return open_once


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """The command's JSON lines, from a folder of its own."""

    def run(*words: object) -> list[dict[str, Any]]:
        done = subprocess.run(
            [BUILD / "yolo", *(str(word) for word in words)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a script in a process of its own."""

    def run(script: str, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *(str(word) for word in words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, **environment},
        )

    return run

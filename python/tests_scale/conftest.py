"""Images, the command's own answers to them, and processes that are killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = Path(os.environ.get("YOLOVINO_COMMAND", ROOT / "build/release/yolo"))
SAMPLE = ROOT / "assets/sample"
MODEL = Path(os.environ.get("YOLOVINO_SCALE_MODEL", SAMPLE / "yolov8-shapes.pt"))
PHOTOS = Path(os.environ.get("YOLOVINO_SCALE_PHOTOS", SAMPLE / "shapes-val/images/val"))
COUNT = int(os.environ.get("YOLOVINO_SCALE_COUNT", "300"))
OPTIONS = {"device": "cpu", "precision": "f32"}


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos, two of which are none."""
    folder = tmp_path_factory.mktemp("images")
    photos = sorted(PHOTOS.glob("*.jpg"))
    assert photos, f"there are no photos in {PHOTOS}"
    for i in range(COUNT - 2):
        photo = photos[i % len(photos)]
        shutil.copy(photo, folder / f"{i:06d}-{photo.name}")
    (folder / "cut.jpg").write_bytes(photos[0].read_bytes()[:500])
    (folder / "text.jpg").write_text("no image")
    return folder


@pytest.fixture(scope="session")
def answers(images: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the command detects, by the name of the file."""
    run = subprocess.run(
        [COMMAND, "predict", f"model={MODEL}", "source=-", "verbose=False", "performance=throughput"]
        + [f"{key}={value}" for key, value in OPTIONS.items()],
        input="\n".join(str(each) for each in sorted(images.iterdir())),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path_factory.mktemp("command"),
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {Path(line["path"]).name: line.get("detections") for line in lines}


def expect_equal(rows: list[dict[str, Any]], answers: dict[str, Any]) -> None:
    """Each image has one row, with the command's detections."""
    names = [Path(row["path"]).name for row in rows]
    assert len(names) == len(set(names)), "an image has two rows"
    assert set(names) == set(answers)
    assert sum(bool(row["error"]) for row in rows) == 2
    found = 0
    for row in rows:
        expected = answers[Path(row["path"]).name]
        assert bool(row["error"]) == (expected is None), row
        assert json.loads(row["json"]) == (expected or []), row["path"]
        assert len(row["boxes"]) == 6 * len(expected or [])
        found += len(expected or [])
    assert found > len(rows), "the test did not look: hardly anything was found"


def processes_below(ancestor: int) -> dict[int, str]:
    """The processes that a process started, and these in turn, with their command lines."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    below: dict[int, str] = {}
    for process in parents:
        at = process
        while at in parents and at != ancestor:
            at = parents[at]
        if at == ancestor and process != ancestor:
            try:
                line = Path(f"/proc/{process}/cmdline").read_bytes()
            except OSError:
                continue
            below[process] = line.replace(b"\0", b" ").decode(errors="replace")
    return below


def kill(process: int) -> None:
    """As the kernel does when memory runs out."""
    os.kill(process, signal.SIGKILL)


def wait_for(program: Program, what: Callable[[], Any], seconds: float = 120) -> Any:
    """The first true value, while the program runs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and program.process.poll() in (None, 0):
        if value := what():
            return value
        time.sleep(0.05)
    raise AssertionError(f"it did not happen in time: {program.log()}")


class Program:
    """A script in a process of its own, with all that it starts."""

    def __init__(self, log: Path, *words: object) -> None:
        self._log = log
        with log.open("w") as stream:
            self.process = subprocess.Popen([sys.executable, *map(str, words)], stdout=stream, stderr=stream)

    def end(self, seconds: float = 300) -> None:
        """Waits for success."""
        assert self.process.wait(seconds) == 0, self.log()

    def log(self) -> str:
        """The end of what it said."""
        return self._log.read_text()[-4000:]

    def kill_all(self) -> None:
        """The script, and then what it leaves behind."""
        others = processes_below(self.process.pid)
        kill(self.process.pid)
        self.process.wait()
        for each in others:
            try:
                kill(each)
            except ProcessLookupError:
                continue


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts programs, and leaves none behind."""
    programs: list[Program] = []

    def begin(*words: object) -> Program:
        programs.append(Program(tmp_path / f"program-{len(programs)}.log", *words))
        return programs[-1]

    yield begin
    for each in programs:
        if each.process.poll() is None:
            each.kill_all()

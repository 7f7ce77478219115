"""A real cluster of Ray, some of whose processes are killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from conftest import MODEL, OPTIONS, ROOT, SAMPLE, Program, expect_equal, kill, processes_below, wait_for

from yolovino import Error
from yolovino.ray import plan

SCRIPT = ROOT / "examples/scale/ray_predict.py"
DATA = SAMPLE / "shapes-val/shapes.yaml"


def rows_of(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(folder).to_pylist()
    return rows


def written(folder: Path) -> int:
    return len(list(folder.glob("**/*.parquet")))


def actors_of(program: Program) -> list[int]:
    return [each for each, line in processes_below(program.process.pid).items() if "MapWorker" in line]


def test_actors_never_hold_all_cpus() -> None:
    for cpus in ([1], [2], [4, 4], [64] * 10, [2, 8]):
        for actors, threads in ((None, None), (None, 1), (1, None)):
            count, each, booked = plan(cpus, actors, threads)
            assert count >= 1 and each >= 1
            assert booked == 0 or count * booked <= sum(cpus) - 3
            assert booked == 0 or booked < each
    assert plan([2], None, None) == (1, 2, 0)
    assert plan([2], 2, None) == (2, 1, 0)
    assert plan([8, 8], None, 4) == (4, 4, 3)
    for actors, threads in ((3, 1), (2, 2), (None, 3), (0, 1), (1, 0)):
        with pytest.raises(Error) as caught:
            plan([2], actors, threads)
        assert caught.value.code == "InvalidArgument"


def test_every_image_has_one_row_though_actors_are_killed(
    images: Path, answers: dict[str, Any], start: Callable[..., Program], tmp_path: Path
) -> None:
    program = start(SCRIPT, images, MODEL, tmp_path / "out")
    for _ in range(2):
        victim = wait_for(program, lambda: actors_of(program))[0]
        # Until it has loaded the model and works.
        wait_for(program, lambda victim=victim: "libopenvino" in Path(f"/proc/{victim}/maps").read_text())
        kill(victim)
        wait_for(program, lambda victim=victim: victim not in processes_below(program.process.pid))
    program.end()
    expect_equal(rows_of(tmp_path / "out"), answers)


def test_a_killed_driver_goes_on_from_its_checkpoint(
    images: Path, answers: dict[str, Any], start: Callable[..., Program], tmp_path: Path
) -> None:
    words = (SCRIPT, images, MODEL, tmp_path / "out", tmp_path / "checkpoint")
    program = start(*words)
    wait_for(program, lambda: written(tmp_path / "out") >= 2)
    program.kill_all()
    before = len(rows_of(tmp_path / "out"))
    assert 0 < before < len(answers), "the test did not look: the driver had finished or had not begun"
    start(*words).end()
    expect_equal(rows_of(tmp_path / "out"), answers)


def test_a_validation_in_parts_is_the_whole_though_processes_are_killed(
    start: Callable[..., Program], tmp_path: Path
) -> None:
    script = tmp_path / "val.py"
    script.write_text(
        "import json, sys, ray, yolovino.ray\n"
        "ray.init(num_cpus=2, log_to_driver=False)\n"
        f"found = yolovino.ray.val({str(MODEL)!r}, {str(DATA)!r}, 'parts', shards=16, threads=1, batch=2, device='cpu',"
        " precision='f32')\n"
        "json.dump(found, open('merged.json', 'w'))\n"
    )
    os.chdir(tmp_path)
    program = start(script)
    for number in (2, 6):
        wait_for(program, lambda number=number: len(list((tmp_path / "parts").glob("*.val"))) >= number)
        below = processes_below(program.process.pid)
        for victim in [each for each, line in below.items() if "ray::write_part" in line][:1]:
            kill(victim)
    program.end()
    whole_is_merged(tmp_path)


def whole_is_merged(folder: Path) -> None:
    """The merged numbers are those of one process, to the last bit."""
    import json

    from yolovino import YOLO
    from yolovino.native.model import merge

    options = {"data": str(DATA), "batch": 2, "threads": 1, "plots": False, "verbose": False, **OPTIONS}
    whole = YOLO(str(MODEL))._native.val({**options, "project": str(folder), "name": "whole"})
    merged = json.loads((folder / "merged.json").read_text())
    for numbers in (whole, merged):
        for key in ("speed", "save_dir", "shard_file"):
            numbers.pop(key, None)
    assert merged == whole
    (folder / "parts/shard-7-of-16.val").unlink()
    files = sorted(str(each) for each in (folder / "parts").glob("*.val"))
    with pytest.raises(Error, match="shard 7/16 is missing"):
        merge(files, {})

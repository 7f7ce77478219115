"""Models that are replaced while requests run, on OpenVINO CPU f32. bench/reloads.py does the same for longer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from conftest import model_of
from reloads import Load, replace

COUNT = int(os.environ.get("YOLOVINO_RELOADS", "20"))


def test_no_request_fails_or_mixes_generations(start, tmp_path: Path) -> None:
    file = tmp_path / "m.pt"
    shutil.copy(model_of("detect"), file)
    server = start(f"model={file}", "imgsz=64", "drain=0", "queue=64")
    load = Load(server.address, server.process.pid, [model_of(task) for task in ("detect", "segment", "pose")])
    report = load.run(file, COUNT, broken_each=10)
    print(report)
    assert report.failed == []
    assert report.mixed == 0
    assert report.reloads == COUNT - COUNT // 10
    assert report.refused == COUNT // 10
    assert report.requests > COUNT
    assert report.growth_mb < 60, "twenty reloads are no soak: bench/reloads.py looks closer"


def test_a_file_written_in_place_and_a_link_that_moves_are_loaded(start, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, task in ((first, "detect"), (second, "classify")):
        folder.mkdir()
        shutil.copy(model_of(task), folder / "m.pt")
    link = tmp_path / "current"
    link.symlink_to(first)
    server = start(f"model={link}/m.pt", "imgsz=64", "drain=0")
    load = Load(server.address, server.process.pid, [model_of("detect"), model_of("classify"), model_of("obb")])
    assert load.served() == model_of("detect")
    new = tmp_path / "new"
    new.symlink_to(second)
    new.rename(link)
    load.wait_for(model_of("classify"))
    (second / "m.pt").write_bytes(model_of("obb").read_bytes())
    load.wait_for(model_of("obb"))


def test_a_dangerous_file_is_refused_and_said(start, tmp_path: Path) -> None:
    file = tmp_path / "m.pt"
    shutil.copy(model_of("detect"), file)
    server = start(f"model={file}", "imgsz=64", "drain=0")
    load = Load(server.address, server.process.pid, [model_of("detect")])
    dangerous = tmp_path / "dangerous"
    dangerous.write_bytes(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.")
    replace(file, dangerous)
    load.wait_for_refusal("dangerous")
    assert load.served() == model_of("detect")


"""Types, options, and versions are what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

PACKAGE = Path(__file__).parents[1]
PROGRAM = """
from typing import assert_type
from collections.abc import Iterator
from yolovino import YOLO, Results
yolo = YOLO("yolov8n.pt", threads=1)
assert_type(yolo("bus.jpg", conf=0.5, classes=[0]), list[Results])
assert_type(yolo.predict("bus.jpg", stream=True), Iterator[Results])
assert_type(yolo.export(format="onnx", dynamic=True), str)
yolo("bus.jpg", cnf=0.5)
"""


def mypy(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_package_and_tests_pass_mypy_strict() -> None:
    done = mypy("yolovino", "make_options.py", "tests", cwd=PACKAGE)
    assert done.returncode == 0, done.stdout


def test_programs_see_the_types_of_options_and_results(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "yolovino").symlink_to(PACKAGE / "yolovino")
    done = mypy("--python-version=3.12", "program.py", cwd=tmp_path)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    # One error for the wrong name and one for the overloads that do not take it, both in the last line.
    assert {line.split(":")[1] for line in errors} == {str(PROGRAM.count("\n"))}, done.stdout
    assert "cnf" in errors[0]


def test_options_py_is_generated_from_the_table_of_the_library() -> None:
    done = subprocess.run([sys.executable, "make_options.py", "--check"], cwd=PACKAGE, check=False)
    assert done.returncode == 0, "options.py is stale; run make_options.py"


def test_openvino_is_the_same_in_package_loader_and_setup() -> None:
    from yolovino.native.library import OPENVINO_FILES, OPENVINO_VERSION

    year, minor, patch = OPENVINO_VERSION.split(".")
    assert f"libopenvino.so.{year[2:]}{minor}{patch}" in OPENVINO_FILES
    assert f'"openvino=={OPENVINO_VERSION}"' in (PACKAGE / "pyproject.toml").read_text()
    assert re.search(rf"openvino=\(openvino {re.escape(OPENVINO_VERSION)} ", (ROOT / "tools" / "setup.sh").read_text())

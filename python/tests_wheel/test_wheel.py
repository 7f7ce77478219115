"""The wheel: what is in it, and that it installs and predicts in a clean environment of every Python that is here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("YOLOVINO_BUILD", ROOT / "build" / "release"))
SAMPLE = ROOT / "assets" / "sample"
MOST_BYTES = 15_000_000
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
TASKS = {"": "detect", "-seg": "segment", "-pose": "pose", "-obb": "obb", "-cls": "classify"}

# What a user does first, and what the library then is: one OpenVINO, little memory, the wheel's own files.
PROGRAM = """
import json, re, sys, time
begin = time.perf_counter()
import yolovino
imported = time.perf_counter() - begin
lines = []
source, build, *pairs = sys.argv[1:]
for model, folder in zip(pairs[::2], pairs[1::2]):
    yolo = yolovino.YOLO(model, device="cpu", precision="f32")
    lines += [results._native.json() for results in yolo(folder, verbose=False)]
maps = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
openvino = sorted(path for path in maps if "libopenvino.so" in path)
assert len(openvino) == 1 and "/site-packages/openvino/libs/" in openvino[0], openvino
assert not [path for path in maps if "opencv" in path], maps
assert not [path for path in maps if path.startswith((source, build)) and "site-packages" not in path], maps
print(json.dumps({"import_s": imported, "lines": lines, "version": yolovino.__version__}))
"""


def wheel() -> Path:
    """The wheel of the build."""
    found = list((BUILD / "wheel" / "dist").glob("*.whl"))
    assert len(found) == 1, f"wanted one wheel in {BUILD / 'wheel' / 'dist'}; run make wheel"
    return found[0]


def interpreters() -> list[str]:
    """The Pythons that are here, of the versions that the wheel is for."""
    found = []
    for version in VERSIONS:
        named = [Path(each) for each in (shutil.which(f"python{version}"),) if each]
        pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python3"))
        uv = sorted((Path.home() / ".local/share/uv/python").glob(f"cpython-{version}*/bin/python3"))
        works = [each for each in [*pyenv, *uv, *named] if _version_of(each) == version]
        found += [str(each) for each in works[:1]]
    assert found, "no Python of the wheel is here: the test would not look"
    return found


def _version_of(python: Path) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=False).stdout.strip()


def images_of(suffix: str) -> str:
    """The sample images of a task."""
    folder = SAMPLE / f"shapes-val{suffix}"
    return f"{folder}/val/*/*" if suffix == "-cls" else f"{folder}/images/val"


def clean(environment: Path, interpreter: str, *packages: str) -> Path:
    """A new virtual environment with the packages; returns its Python."""
    subprocess.run([interpreter, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, wheel(), *packages], check=True)
    return python


def run(python: Path, cwd: Path, *words: str) -> str:
    """Runs Python without anything of this build."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("YOLOVINO", "PYTHON"))}
    done = subprocess.run([python, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_is_small_and_for_every_python_3() -> None:
    file = wheel()
    assert file.stat().st_size <= MOST_BYTES
    assert re.fullmatch(r"yolovino-[0-9.]+-py3-none-manylinux_2_36_x86_64\.whl", file.name)
    names = zipfile.ZipFile(file).namelist()
    metadata = zipfile.ZipFile(file).read(next(name for name in names if name.endswith("/METADATA"))).decode()
    required = re.findall(r"^Requires-Dist: ([^;\n]*)$", metadata, re.MULTILINE)
    assert sorted(required) == ["numpy", "openvino==2026.4.1"]
    assert "yolovino/py.typed" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [
        name for name in names if name.endswith((".pt", ".a", ".pyc")) or "libopenvino" in name or "libtbb" in name
    ]


def test_auditwheel_accepts_the_wheel(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", wheel()], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    text = " ".join(shown.stdout.split())
    assert re.search(r'constrains the platform tag to "manylinux_2_3[0-6]_x86_64"', text), text
    # OpenVINO is of another wheel; without these two it calls the wheel one for any Linux.
    words = ("repair", "--plat", "manylinux_2_36_x86_64", "--exclude", "libopenvino.so.*", "--exclude", "libtbb.so.12")
    repaired = subprocess.run(
        [sys.executable, "-m", "auditwheel", *words, "--wheel-dir", tmp_path, wheel()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert repaired.returncode == 0, repaired.stderr


def test_opencv_inside_letterboxes_as_debian_does() -> None:
    printed = {}
    for kind in ("shared", "static"):
        printed[kind] = subprocess.run(
            [BUILD / "wheel" / f"letterbox_{kind}"], capture_output=True, text=True, check=True
        ).stdout
    assert printed["shared"].count("\n") == 400
    assert printed["static"] == printed["shared"]


def test_libraries_need_nothing_of_debian(tmp_path: Path) -> None:
    zipfile.ZipFile(wheel()).extractall(tmp_path)
    libraries = list(tmp_path.rglob("*.so*"))
    assert len(libraries) >= 6
    inside = {library.name for library in libraries}
    system = re.compile(r"lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|z|expat)\.so\.\d+|ld-linux-x86-64\.so\.2")
    of_openvino = re.compile(r"libopenvino\.so\.2641|libtbb\.so\.12")
    for library in libraries:
        read = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", read)
        missing = [
            name
            for name in needed
            if name not in inside and not system.fullmatch(name) and not of_openvino.fullmatch(name)
        ]
        assert not missing, (library.name, missing)
        for path in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", read):
            assert all(part.startswith("$ORIGIN") for part in path.split(":")), (library.name, path)


@pytest.mark.parametrize("interpreter", interpreters())
def test_wheel_predicts_as_the_command_openvino_f32_cpu(interpreter: str, tmp_path: Path) -> None:
    python = clean(tmp_path / "venv", interpreter)
    pairs = [text for suffix in TASKS for text in (str(SAMPLE / f"yolov8-shapes{suffix}.pt"), images_of(suffix))]
    found = json.loads(run(python, tmp_path, "-c", PROGRAM, str(ROOT), str(BUILD), *pairs))
    ours = [json.loads(line) for line in found["lines"]]
    theirs = []
    for model, source in zip(pairs[::2], pairs[1::2], strict=True):
        words = [f"model={model}", f"source={source}", "device=cpu", "precision=f32", "save=False", "save_json=True"]
        done = subprocess.run(
            [BUILD / "yolo", "predict", *words], capture_output=True, text=True, cwd=tmp_path, check=True
        )
        theirs += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(ours) == len(theirs) == 160
    for line in [*ours, *theirs]:
        line.pop("speed")
    assert ours == theirs
    assert found["import_s"] < 0.2


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of one environment that several tests look at and none changes."""
    return clean(tmp_path_factory.mktemp("installed") / "venv", interpreters()[0])


def test_command_of_the_wheel_exports_validates_and_tracks(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes((SAMPLE / "yolov8-shapes.pt").read_bytes())
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("YOLOVINO", "PYTHON"))}

    def yolo(*words: str) -> subprocess.CompletedProcess[str]:
        line = [installed.parent / "yolo", *words]
        return subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    for words in (
        ("export", "model=x.pt", "format=openvino,onnx,torchscript"),
        ("val", "model=x_openvino_model", f"data={SAMPLE / 'shapes-val' / 'shapes.yaml'}", "plots=False"),
        ("predict", "model=x.onnx", f"source={images_of('')}", "runtime=openvino"),
        ("track", "model=x.pt", f"source={images_of('')}", "tracker=botsort.yaml"),
        ("checks",),
    ):
        done = yolo(*words)
        assert done.returncode == 0, (words, done.stderr)
    refused = yolo("predict", "model=x.pt", "source=film.mp4")
    assert refused.returncode != 0
    assert refused.stderr.count("\n") == 1


def test_package_in_another_folder_than_openvino_loads(installed: Path, tmp_path: Path) -> None:
    apart = tmp_path / "apart"
    pip = [installed, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", apart, wheel()], check=True)
    script = f"import sys; sys.path.insert(0, {str(apart)!r})\n" + PROGRAM
    script += f"assert any(path.startswith({str(apart)!r}) for path in maps), maps\n"
    pair = (str(SAMPLE / "yolov8-shapes.pt"), images_of(""))
    found = json.loads(run(installed, tmp_path, "-c", script, str(ROOT), str(BUILD), *pair))
    assert len(found["lines"]) == 32


def test_videos_are_refused_in_one_line_that_says_how_to_read_them(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"any")
    script = f"""
import yolovino
try: yolovino.YOLO({str(SAMPLE / "yolov8-shapes.pt")!r})("film.mp4")
except yolovino.Error as error: print(error.code, error)
"""
    said = run(installed, tmp_path, "-c", script)
    assert said.startswith("MissingComponent ")
    assert "OpenCV or PyAV" in said
    assert said.count("\n") == 1


def test_another_openvino_is_refused_in_one_line(installed: Path, tmp_path: Path) -> None:
    libraries = tmp_path / "openvino" / "libs"
    libraries.mkdir(parents=True)
    (libraries.parent / "__init__.py").touch()
    (libraries / "libopenvino.so.2640").touch()
    script = "import yolovino\ntry: yolovino.YOLO('x.pt')\nexcept yolovino.Error as error: print(error.code, error)"
    said = run(installed, tmp_path, "-c", script)
    assert said.startswith("MissingComponent ")
    assert "libopenvino.so.2640" in said
    assert "pip install openvino==2026.4.1" in said
    assert said.count("\n") == 1

"""Finds and loads the library, and with it the OpenVINO of the package `openvino`."""

from __future__ import annotations

import ctypes
import os
import threading
from importlib.util import find_spec
from pathlib import Path

from yolovino.error import Error
from yolovino.messages import connect
from yolovino.native.functions import declare

OPENVINO_VERSION = "2026.4.1"
# The library is linked to exactly this one: OpenVINO's patch version is part of its file's name.
OPENVINO_FILES = ("libtbb.so.12", "libopenvino.so.2641")
ABI_MAJOR = 1
LIBRARY_FILE = "libyolovino_c.so.1"

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None
_loaded_in = 0


def library() -> ctypes.CDLL:
    """Returns the library, loaded at the first call.

    Raises:
        Error: MissingComponent if it or OpenVINO is not there, RuntimeFailure in the child of a process that had
            loaded it before it was forked: the threads of OpenVINO do not come along.
    """
    global _loaded, _loaded_in
    if _loaded is not None and _loaded_in == os.getpid():
        return _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load()
            _loaded_in = os.getpid()
    if _loaded_in != os.getpid():
        raise Error(
            "RuntimeFailure",
            f"[python] process {os.getpid()} was forked from process {_loaded_in} after that had loaded the library, "
            "whose threads do not come along; use multiprocessing's start method 'spawn', or load models only in the "
            "children",
        )
    return _loaded


def library_path() -> Path:
    """Where the library is: in the package, or where ``YOLOVINO_LIBRARY`` says."""
    named = os.environ.get("YOLOVINO_LIBRARY")
    return Path(named) if named else Path(__file__).parent.parent / "lib" / LIBRARY_FILE


def _load() -> ctypes.CDLL:
    path = library_path()
    if not path.is_file():
        raise Error(
            "MissingComponent",
            f"[python] the library is not there ({path}); install the wheel of yolovino, or set YOLOVINO_LIBRARY",
            file=str(path),
        )
    _load_openvino()
    _name_onnxruntime()
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        raise Error(
            "MissingComponent", f"[python] the library cannot be loaded: {error} ({path})", file=str(path)
        ) from None
    loaded.yv_abi_version.restype = ctypes.c_uint32
    major = loaded.yv_abi_version() >> 16
    if major != ABI_MAJOR:
        raise Error(
            "MissingComponent",
            f"[python] the library has the C interface {major}, wanted {ABI_MAJOR} ({path}); install the package and "
            "the library of one version",
            file=str(path),
        )
    declare(loaded)
    connect(loaded)
    return loaded


def _folder_in(package: str, name: str) -> Path | None:
    """A folder of a package, which is not imported."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        if (Path(folder) / name).is_dir():
            return Path(folder) / name
    return None


def _name_onnxruntime() -> None:
    """Tells the library of the package `onnxruntime`, if it is there: it runs `.onnx` files."""
    folder = _folder_in("onnxruntime", "capi")
    files = sorted(folder.glob("libonnxruntime.so.*")) if folder is not None else []
    if files:
        os.environ.setdefault("YOLOVINO_ONNXRUNTIME", str(files[-1]))


def _load_openvino() -> None:
    """Loads OpenVINO by its place, because the package may be in another folder than this one.

    The linker takes what is loaded already, so that `import openvino` before or after does not load another copy.
    """
    folder = _folder_in("openvino", "libs")
    if folder is None:
        if os.environ.get("YOLOVINO_LIBRARY"):
            return  # a build finds its own
        raise Error(
            "MissingComponent",
            f"[python] the package openvino is not installed, wanted {OPENVINO_VERSION}; "
            f"pip install openvino=={OPENVINO_VERSION}",
        )
    for name in OPENVINO_FILES:
        file = folder / name
        try:
            ctypes.CDLL(str(file))
        except OSError:
            if os.environ.get("YOLOVINO_LIBRARY"):
                return
            found = ", ".join(sorted(each.name for each in folder.glob("libopenvino.so.*"))) or "none"
            raise Error(
                "MissingComponent",
                f"[python] the package openvino is of another version: found {found}, wanted {name} ({folder}); "
                f"pip install openvino=={OPENVINO_VERSION}",
                file=str(file),
            ) from None

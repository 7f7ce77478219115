"""What programs give a model to look at: paths, URLs, bytes, arrays, PIL images, and lists of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolovino.error import Error

if TYPE_CHECKING:
    from yolovino.native.image import MemoryImage


def named_source(source: object) -> str | None:
    """Returns the source as text if the library reads it itself: a path, pattern, URL of a stream, or camera."""
    if isinstance(source, bool) or source is None:
        raise Error(
            "InvalidArgument", f"[python] source={source!r} is nothing to look at; give a path, URL, array, or image"
        )
    if isinstance(source, int):
        return str(source)
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        text = os.fsdecode(name)
        return None if _is_for_python(text) else text
    return None


def memory_images(source: object) -> list[MemoryImage]:
    """Returns the images of a source that is not for the library alone, in order."""
    if isinstance(source, list | tuple):
        if not source:
            raise Error("InvalidArgument", "[python] the list of images is empty, wanted at least one")
        return [_image(each, i) for i, each in enumerate(source)]
    return [_image(source, 0)]


def opened(source: object, index: int) -> MemoryImage | Error:
    """Returns one image, or why it is none."""
    try:
        return _image(source, index)
    except Error as error:
        return error


def _image(source: Any, index: int) -> MemoryImage:
    from yolovino.native.image import MemoryImage

    name = f"image{index}.jpg"
    if isinstance(source, bytes | bytearray | memoryview):
        return MemoryImage(name, encoded=bytes(source))
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(os.fspath(source))
        content = _fetched(path) if _is_url(path) else _read(path)
        if _suffix(path) in RARE_SUFFIXES and not _has_module("media"):
            return MemoryImage(path, pixels=_rare(content, path))
        return MemoryImage(path, encoded=content)
    if hasattr(source, "__array_interface__") and not hasattr(source, "getexif"):
        import numpy as np

        return MemoryImage(name, pixels=np.asarray(source))
    if hasattr(source, "getexif") and hasattr(source, "convert"):
        return MemoryImage(getattr(source, "filename", "") or name, pixels=_pil_pixels(source))
    kind = f"{type(source).__module__}.{type(source).__name__}"
    hint = "; give tensor.permute(1, 2, 0) as a uint8 array, BGR" if kind.startswith("torch.") else ""
    raise Error(
        "InvalidArgument",
        f"[python] an object of the type {kind} is no image, wanted a path, URL, bytes, array, or PIL image{hint}",
    )


def _pil_pixels(image: Any) -> Any:
    import numpy as np

    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    pixels = np.asarray(image)
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1])


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise Error("NotFound", f"[python] the image does not exist ({path})", file=path) from None
    except OSError as error:
        raise Error("IoFailure", f"[python] the image cannot be read: {error.strerror} ({path})", file=path) from None


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


IMAGE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".avif", ".heic", ".mpo"))
# Those that the library's media module reads; the wheel comes without it.
RARE_SUFFIXES = frozenset((".webp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2"))
VIDEO_SUFFIXES = frozenset((".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v", ".wmv", ".ts", ".gif"))


def _has_module(name: str) -> bool:
    from yolovino.native.library import library_path

    return (library_path().parent / "yolovino" / f"yolovino-{name}.so").exists()


def _suffix(text: str) -> str:
    path = text.split("?", 1)[0].split("#", 1)[0] if _is_url(text) else text
    return Path(path).suffix.lower()


def _is_for_python(text: str) -> bool:
    """Whether Python must read it, because the module of the library that would did not come along."""
    if _is_url(text):
        return _suffix(text) in IMAGE_SUFFIXES and not _has_module("net")
    if _suffix(text) in VIDEO_SUFFIXES and not _has_module("media") and os.path.isfile(text):
        raise Error(
            "MissingComponent",
            f"[python] the wheel reads no videos ({text}); read frames with OpenCV or PyAV and give them as arrays, "
            "or build yolovino with its media module",
            file=text,
        )
    return _suffix(text) in RARE_SUFFIXES and not _has_module("media") and os.path.isfile(text)


def _rare(content: bytes, path: str) -> Any:
    """Pixels of an image that the library does not read without its media module."""
    import io

    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise Error(
            "MissingComponent",
            f"[python] the wheel reads {_suffix(path)} images with PIL, which is not installed ({path}); "
            "pip install pillow",
            file=path,
        ) from None
    try:
        return _pil_pixels(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    except Exception as error:
        raise Error("CorruptFile", f"[python] PIL cannot read the image: {error} ({path})", file=path) from None


def _fetched(url: str) -> bytes:
    from yolovino.download import fetch

    return fetch(url)

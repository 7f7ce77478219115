"""What programs give a model to look at: paths, URLs, bytes, arrays, PIL images, and lists of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolovino.error import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        return None if _is_plain_url(text) else text
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
        return MemoryImage(path, encoded=_fetched(path) if _is_url(path) else _read(path))
    if hasattr(source, "__array_interface__") and not hasattr(source, "getexif"):
        import numpy as np

        return MemoryImage(name, pixels=np.asarray(source))
    if hasattr(source, "getexif") and hasattr(source, "convert"):
        return MemoryImage(getattr(source, "filename", "") or name, pixels=_pil_pixels(source))
    kind = f"{type(source).__module__}.{type(source).__name__}"
    hint = "; give tensor.permute(1, 2, 0) as a uint8 array, BGR" if kind.startswith("torch.") else ""
    raise Error(
        "InvalidArgument",
        f"[python] an object of the type {kind} is no image, wanted a path, URL, bytes, numpy array, or PIL image{hint}",
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


def _is_plain_url(text: str) -> bool:
    """Whether Python must fetch it: an image, and the library's own client did not come along."""
    from yolovino.native.library import library_path

    if not _is_url(text) or (library_path().parent / "yolovino" / "yolovino-net.so").exists():
        return False
    return Path(text.split("?", 1)[0].split("#", 1)[0]).suffix.lower() in IMAGE_SUFFIXES


IMAGE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".mpo"))


def _fetched(url: str) -> bytes:
    from yolovino.download import fetch

    return fetch(url)



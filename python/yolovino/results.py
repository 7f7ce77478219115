"""What was found in one image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from yolovino.boxes import OBB, Boxes
from yolovino.error import Error
from yolovino.keypoints import Keypoints
from yolovino.masks import Masks
from yolovino.native import drawing
from yolovino.probs import Probs
from yolovino.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from yolovino.array import Array
    from yolovino.native.result import NativeResult
    from yolovino.rows import Rows

    Pixels = npt.NDArray[np.uint8]

PARTS = ("boxes", "masks", "probs", "keypoints", "obb")
_PART_TYPES: dict[str, type[Any]] = {
    "boxes": Boxes,
    "masks": Masks,
    "probs": Probs,
    "keypoints": Keypoints,
    "obb": OBB,
}


class Results:
    """What was found in one image or video frame.

    A model makes them; a program may make them, too, from numbers of its own.

    Args:
        orig_img: the image, ``[height, width, 3]``, BGR.
        path: its file, URL, or a name for images from memory.
        names: class names by class id.
        boxes: upright boxes, see `Boxes`.
        masks: masks, see `Masks`.
        probs: probabilities of the classes, see `Probs`.
        keypoints: keypoints, see `Keypoints`.
        obb: rotated boxes, see `OBB`.
        speed: milliseconds by stage.
    """

    def __init__(
        self,
        orig_img: Pixels,
        path: str,
        names: dict[int, str],
        boxes: npt.ArrayLike | Boxes | None = None,
        masks: npt.ArrayLike | Masks | None = None,
        probs: npt.ArrayLike | Probs | None = None,
        keypoints: npt.ArrayLike | Keypoints | None = None,
        obb: npt.ArrayLike | OBB | None = None,
        speed: dict[str, float] | None = None,
    ) -> None:
        self._start(path, names, (int(orig_img.shape[0]), int(orig_img.shape[1])))
        self._image: Pixels | None = orig_img
        self.speed = speed or {"preprocess": None, "inference": None, "postprocess": None}  # type: ignore[dict-item]
        self._parts.update(dict.fromkeys(PARTS))
        self.update(boxes=boxes, masks=masks, probs=probs, keypoints=keypoints, obb=obb)

    def _start(self, path: str, names: dict[int, str], orig_shape: tuple[int, int]) -> None:
        self.path = path
        self.names = names
        self.orig_shape = orig_shape
        self.save_dir: str | None = None
        self.frame: int | None = None
        self.embedding: Array | None = None
        self._native: NativeResult | None = None
        self._parts: dict[str, Rows | None] = {}

    @classmethod
    def _of_native(cls, native: NativeResult, names: dict[int, str]) -> Results:
        """What the library found; numbers are taken over when they are asked for."""
        results = cls.__new__(cls)
        results._start(native.path, names, native.orig_shape)
        results._native = native
        results._image = None
        results.speed = native.speed
        results.save_dir = native.save_dir or None
        results.frame = native.frame
        results.embedding = native.embedding()
        return results

    def _input_shape(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self.orig_shape if self._native is None else self._native.input_shape

    # --- the parts ---

    def _part(self, name: str) -> Rows | None:
        if name not in self._parts:
            assert self._native is not None
            self._parts[name] = self._native.part(name)
        return self._parts[name]

    @property
    def boxes(self) -> Boxes | None:
        """The boxes; None for classify and obb."""
        return cast("Boxes | None", self._part("boxes"))

    @property
    def masks(self) -> Masks | None:
        """The masks of segment, if anything was found."""
        return cast("Masks | None", self._part("masks"))

    @property
    def keypoints(self) -> Keypoints | None:
        """The keypoints of pose."""
        return cast("Keypoints | None", self._part("keypoints"))

    @property
    def obb(self) -> OBB | None:
        """The rotated boxes of obb."""
        return cast("OBB | None", self._part("obb"))

    @property
    def probs(self) -> Probs | None:
        """The probabilities of classify."""
        return cast("Probs | None", self._part("probs"))

    @property
    def orig_img(self) -> Pixels:
        """The image as decoded, ``[height, width, 3]``, BGR."""
        if self._image is None:
            assert self._native is not None
            self._image = self._native.image()
        return self._image

    @property
    def task(self) -> str:
        """What was looked for: ``detect``, ``segment``, ``pose``, ``obb``, or ``classify``."""
        if self._native is not None:
            return self._native.task
        for part, task in (("probs", "classify"), ("obb", "obb"), ("masks", "segment"), ("keypoints", "pose")):
            if self._parts.get(part) is not None:
                return task
        return "detect"

    def update(
        self,
        boxes: npt.ArrayLike | Boxes | None = None,
        masks: npt.ArrayLike | Masks | None = None,
        probs: npt.ArrayLike | Probs | None = None,
        obb: npt.ArrayLike | OBB | None = None,
        keypoints: npt.ArrayLike | Keypoints | None = None,
    ) -> None:
        """Replaces the parts that are given."""
        given = {"boxes": boxes, "masks": masks, "probs": probs, "keypoints": keypoints, "obb": obb}
        for name, value in given.items():
            if value is None:
                continue
            self._take_over()
            self._parts[name] = value if isinstance(value, _PART_TYPES[name]) else self._make(name, value)

    def _make(self, name: str, value: Any) -> Rows:
        return cast("Rows", _PART_TYPES[name](value, self.orig_shape))

    def _take_over(self) -> None:
        """Reads everything out of the library's object and leaves it, because the numbers are about to change."""
        if self._native is None:
            return
        for name in PARTS:
            self._part(name)
        self._image = self.orig_img
        self._native = None

    # --- a sequence of objects ---

    def _length(self) -> int:
        for name in PARTS:
            part = self._part(name)
            if part is not None:
                return len(part)
        return 0

    def __len__(self) -> int:
        return self._length()

    def __getitem__(self, index: Any) -> Results:
        """Returns the results of some of the objects."""
        if self._native is not None and self.task != "classify":
            chosen = np.atleast_1d(np.arange(len(self))[index])
            return Results._of_native(self._native.select([int(i) for i in chosen]), self.names)
        picked = self.new()
        for name in PARTS:
            part = self._part(name)
            picked._parts[name] = None if part is None else part[index]
        return picked

    def __iter__(self) -> Iterator[Results]:
        return (self[i] for i in range(len(self)))

    def new(self) -> Results:
        """Returns results of the same image, in which nothing is found."""
        results = Results(self.orig_img, self.path, self.names, speed=dict(self.speed))
        results.save_dir = self.save_dir
        results.frame = self.frame
        return results

    def cpu(self) -> Results:
        """Returns the results: their numbers are in the memory of the CPU."""
        return self

    def cuda(self) -> Results:
        """Returns the results: there is no other device."""
        return self

    def to(self, *args: object, **kwargs: object) -> Results:
        """Returns the results: there is no other device."""
        return self

    def numpy(self) -> Results:
        """Returns the results: their numbers are numpy arrays."""
        return self

    # --- what is made of them ---

    def plot(
        self,
        conf: bool = True,
        line_width: float | None = None,
        font_size: float | None = None,
        font: str = "Arial.ttf",
        pil: bool = False,
        img: Pixels | None = None,
        im_gpu: object = None,
        kpt_radius: int = 5,
        kpt_line: bool = True,
        labels: bool = True,
        boxes: bool = True,
        masks: bool = True,
        probs: bool = True,
        show: bool = False,
        save: bool = False,
        filename: str | Path | None = None,
        color_mode: str = "class",
        txt_color: tuple[int, int, int] = (255, 255, 255),
    ) -> Any:
        """Returns a copy of the image with what was found drawn on it, ``[height, width, 3]``, BGR.

        Scores, names, boxes, masks, and probabilities are drawn unless they are turned off; `img` is another image to
        draw on. With `pil` the result is a PIL image; `show` opens a window, and `save` writes `filename`. `font`,
        `font_size`, `txt_color`, and `im_gpu` are accepted and change nothing: the font is built in, and its size
        follows the lines.
        """
        if color_mode != "class":
            raise Error("InvalidArgument", f"[results] color_mode={color_mode!r} is not known, wanted 'class'")
        width = None if line_width is None else max(round(line_width), 1)
        options: dict[str, object] = {"conf": conf, "labels": labels, "boxes": boxes, "masks": masks, "probs": probs}
        options |= {"kpt_radius": kpt_radius, "kpt_line": kpt_line}
        source = (self if img is None else self._on(img))._drawable()
        given = {**options, "line_width": width}
        drawn = source.plot(given)
        if save:
            source.save(self._file_name(filename), given)
        if not (show or pil):
            return drawn
        image = _as_pil(drawn)
        if show:
            image.show(self.path)
        return image if pil else drawn

    def show(self, *args: Any, **kwargs: Any) -> None:
        """Shows `plot` in a window, or below the cell of a notebook."""
        self.plot(*args, **{**kwargs, "show": True})

    def save(self, filename: str | Path | None = None, *args: Any, **kwargs: Any) -> str:
        """Writes `plot` as JPEG or PNG, by the suffix of the file, and returns its name."""
        name = self._file_name(filename)
        self.plot(*args, **{**kwargs, "save": True, "filename": name})
        return name

    def verbose(self) -> str:
        """Returns the classes and how often each was found: ``4 persons, 1 bus, ``."""
        return self._drawable().verbose()

    def save_txt(self, txt_file: str | Path, save_conf: bool = False) -> str:
        """Appends a line for each object, in YOLO's form, and returns the name of the file."""
        self._drawable().save_txt(str(txt_file), save_conf)
        return str(txt_file)

    def save_crop(self, save_dir: str | Path, file_name: str | Path = "im.jpg") -> None:
        """Writes each object as an image, ``<save_dir>/<class name>/<file_name>``."""
        self._drawable().save_crop(str(save_dir), Path(file_name).stem)

    def summary(self, normalize: bool = False, decimals: int = 5) -> list[dict[str, Any]]:
        """Returns each object as a dictionary: name, class, confidence, box, and what its task has besides.

        Args:
            normalize: numbers as parts of the width and the height of the image.
            decimals: digits behind the point.
        """
        return summary_of(self, normalize, decimals)

    def to_json(self, normalize: bool = False, decimals: int = 5) -> str:
        """Returns `summary` as JSON."""
        return json.dumps(self.summary(normalize, decimals), separators=(",", ":"), ensure_ascii=False)

    def to_df(self, normalize: bool = False, decimals: int = 5) -> Any:
        """Returns `summary` as a table of pandas, which must be installed."""
        try:
            import pandas
        except ImportError:
            raise Error(
                "MissingComponent",
                "[results] to_df needs pandas, which is not installed; pip install pandas, or use summary()",
            ) from None
        return pandas.DataFrame(self.summary(normalize, decimals))

    def to_csv(self, normalize: bool = False, decimals: int = 5) -> str:
        """Returns `summary` as CSV; pandas must be installed."""
        return str(self.to_df(normalize, decimals).to_csv(index=False))

    def _file_name(self, filename: str | Path | None) -> str:
        return str(filename) if filename else f"results_{Path(self.path).name}"

    def _on(self, image: Pixels) -> Results:
        other = self[:]
        other._image = image
        return other

    def _drawable(self) -> NativeResult:
        """The library's object with exactly these numbers."""
        if self._native is not None:
            return self._native
        return drawing.result_of(self)

    def __getstate__(self) -> dict[str, Any]:
        # The library's object stays here; its numbers and the image go along.
        parts = {name: self._part(name) for name in PARTS}
        return {**self.__dict__, "_native": None, "_parts": parts, "_image": np.array(self.orig_img)}

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={len(part)}" for name in PARTS if (part := self._part(name)) is not None)
        return f"yolovino.Results(path={self.path!r}, orig_shape={self.orig_shape}, {found})"


def _as_pil(image: Pixels) -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise Error(
            "MissingComponent", "[results] showing an image needs PIL, which is not installed; pip install pillow"
        ) from None
    return Image.fromarray(np.ascontiguousarray(image[..., ::-1]))

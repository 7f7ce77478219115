"""Probabilities of the classes of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from yolovino.rows import Rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from yolovino.array import Array


class Probs(Rows):
    """Probabilities of the classes of one image, ``[classes]``.

    Args:
        probs: the numbers, 0 to 1.
        orig_shape: height and width of the image; not used.
    """

    def __init__(self, probs: npt.ArrayLike, orig_shape: tuple[int, int] = (0, 0)) -> None:
        super().__init__(probs, orig_shape)

    @property
    def top1(self) -> int:
        """The most likely class."""
        return int(np.argmax(self.data))

    @property
    def top5(self) -> list[int]:
        """The five most likely classes, fewer if there are fewer, by descending probability."""
        order = np.argsort(-self.data.numpy(), kind="stable")[:5]
        return [int(each) for each in order]

    @property
    def top1conf(self) -> Array:
        """The probability of `top1`."""
        return self.data[self.top1 : self.top1 + 1].reshape(())

    @property
    def top5conf(self) -> Array:
        """The probabilities of `top5`."""
        return self.data[self.top5]

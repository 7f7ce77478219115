"""What a validation found, with the names of Ultralytics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from yolovino.interrupt import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    from typing_extensions import Unpack

    from yolovino.options import ValOptions

    Numbers = npt.NDArray[np.float64]


class Metric:
    """Accuracy of boxes, masks, or keypoints.

    Attributes:
        mp: mean precision, where the mean F1 of all classes is best, as are the next ones.
        mr: mean recall.
        map50: mean average precision at an overlap of 0.50.
        map75: at 0.75.
        map: mean over overlaps from 0.50 to 0.95.
        ap_class_index: the class ids that have labels; the arrays below have one number for each.
        p: precision.
        r: recall.
        f1: their harmonic mean.
        ap50: average precision at an overlap of 0.50.
        ap: mean over overlaps from 0.50 to 0.95.
    """

    def __init__(self, means: dict[str, float], classes: list[dict[str, Any]], class_count: int) -> None:
        self.mp = means["mp"]
        self.mr = means["mr"]
        self.map50 = means["map50"]
        self.map75 = means["map75"]
        self.map = means["map"]
        self.nc = class_count
        self.ap_class_index = np.array([each["class"] for each in classes], dtype=int)
        self.p, self.r, self.f1, self.ap50, self.ap = (
            np.array([each[key] for each in classes], dtype=float) for key in ("p", "r", "f1", "ap50", "ap")
        )

    @property
    def maps(self) -> Numbers:
        """`ap` by class id; classes without labels have the mean."""
        maps = np.full(self.nc, self.map)
        maps[self.ap_class_index] = self.ap
        return maps

    def class_result(self, i: int) -> tuple[float, float, float, float]:
        """Precision, recall, `ap50`, and `ap` of the i-th class that has labels."""
        return float(self.p[i]), float(self.r[i]), float(self.ap50[i]), float(self.ap[i])

    def mean_results(self) -> list[float]:
        """Their means over the classes."""
        return [self.mp, self.mr, self.map50, self.map]

    def fitness(self) -> float:
        """What training maximises: `map`."""
        return self.map


class ConfusionMatrix:
    """How often each class was taken for each other one.

    Attributes:
        matrix: ``[classes + 1, classes + 1]``, row: predicted, column: true; the last stands for the background, which
            classify does not have.
        names: class names by class id.
    """

    def __init__(self, matrix: list[list[int]], names: dict[int, str]) -> None:
        self.matrix = np.array(matrix, dtype=float)
        self.names = names
        self.nc = len(names)


class Metrics:
    """What a validation found.

    Attributes:
        names: class names by class id.
        box: accuracy of the boxes, see `Metric`.
        seg: of the masks, where the task is segment.
        pose: of the keypoints, where the task is pose.
        top1: classify: share of the images whose most likely class is right.
        top5: classify: share of those whose class is among the five most likely.
        results_dict: the means by the keys of Ultralytics, ``metrics/mAP50-95(B)``.
        fitness: what training maximises.
        speed: milliseconds per image by stage.
        confusion_matrix: see `ConfusionMatrix`.
        coco: pycocotools' numbers of the boxes, ``coco["AP"]``.
        save_dir: the run folder; empty if nothing was written.
        shard_file: with ``shard="i/n"`` what `yolovino.merge_val` takes.
        found: everything, as the library gave it.
    """

    def __init__(self, found: dict[str, Any], names: dict[int, str]) -> None:
        self.found = found
        self.names = names
        self.box = Metric(found["box"], found["classes"], len(names))
        self.seg = self._part("seg")
        self.pose = self._part("pose")
        self.top1: float | None = found.get("top1")
        self.top5: float | None = found.get("top5")
        self.results_dict: dict[str, float] = found["results_dict"]
        self.fitness: float = found["fitness"]
        self.speed: dict[str, float] = {**found["speed"], "loss": 0.0}
        self.confusion_matrix = ConfusionMatrix(found["confusion_matrix"], names)
        self.coco: dict[str, float] = found["coco"]
        self.save_dir: str = found["save_dir"]
        self.shard_file: str = found["shard_file"]

    def _part(self, name: str) -> Metric | None:
        part = self.found.get(name)
        return None if part is None else Metric(part, part["classes"], len(self.names))

    @property
    def keys(self) -> list[str]:
        """The keys of `results_dict` without the fitness."""
        return [key for key in self.results_dict if key != "fitness"]

    @property
    def maps(self) -> Numbers:
        """Mean average precision by class id; of masks or keypoints those of both are added, as Ultralytics does."""
        second = self.seg or self.pose
        return self.box.maps if second is None else self.box.maps + second.maps

    @property
    def ap_class_index(self) -> npt.NDArray[np.int_]:
        """The class ids that have labels."""
        return self.box.ap_class_index

    def mean_results(self) -> list[float]:
        """The numbers of `results_dict` without the fitness."""
        return [self.results_dict[key] for key in self.keys]

    def class_result(self, i: int) -> tuple[float, ...]:
        """The numbers of the i-th class that has labels."""
        second = self.seg or self.pose
        return self.box.class_result(i) + (() if second is None else second.class_result(i))

    def summary(self, decimals: int = 5) -> list[dict[str, Any]]:
        """A dictionary for each class that has labels; of classify one for all."""
        if self.top1 is not None and self.top5 is not None:
            return [{"top1_acc": round(self.top1, decimals), "top5_acc": round(self.top5, decimals)}]
        return [
            {
                "Class": each["name"],
                "Images": each["images"],
                "Instances": each["instances"],
                "Box-P": round(each["p"], decimals),
                "Box-R": round(each["r"], decimals),
                "Box-F1": round(each["f1"], decimals),
                "mAP50": round(each["ap50"], decimals),
                "mAP50-95": round(each["ap"], decimals),
            }
            for each in self.found["classes"]
        ]

    def __repr__(self) -> str:
        return f"yolovino.Metrics({self.results_dict})"


def merge_val(files: str | Path | Sequence[str | Path], **kwargs: Unpack[ValOptions]) -> Metrics:
    """Puts the parts of a validation together; the numbers are exactly those of a whole run.

    Args:
        files: the files that ``val(shard="i/n")`` wrote, all n of them: paths or patterns.
        **kwargs: ``save``, ``plots``, ``verbose``, ``project``, ``name``, ``exist_ok``.

    Raises:
        Error: InvalidArgument if a part is missing, double, or of another model, dataset, or version.
    """
    from yolovino.native.model import merge

    paths = [str(file) for file in ([files] if isinstance(files, str) or hasattr(files, "__fspath__") else files)]
    found = interruptible(lambda: merge(paths, dict(kwargs)))
    return Metrics(found, {each["class"]: each["name"] for each in found["classes"]})

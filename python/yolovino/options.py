"""Options of each mode, as keyword arguments. Generated from the library's table by make_options.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence


class PredictOptions(TypedDict, total=False):
    """Options of ``yolo predict``."""

    # input size, one number or [height, width]; None: the size of the training
    imgsz: int | Sequence[int] | None
    # images per inference; default: 1
    batch: int | None
    # 16-bit floats: weights of an export, inference of a prediction; default: False
    half: bool | None
    # 8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast with VNNI, but
    # no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export; default: False
    int8: bool | None
    # 16 is half=True, 32 is half=False, 8 is int8=True
    quantize: int | None
    # write what is done; for info: the table of layers; default: True
    verbose: bool | None
    # keep detections with a score above this; val: None is 0.001, and 0.25 for the confusion matrix; export: with
    # nms=True; default: 0.25
    conf: float | None
    # suppress boxes that overlap more than this; export: with nms=True; default: 0.7
    iou: float | None
    # False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression afterwards; export: True
    # puts it into the network
    nms: bool | None
    # deprecated: True is nms=False, False is nms=None
    end2end: bool | None
    # keep only these class ids, for example [0, 2]; None: all
    classes: int | Sequence[int] | None
    # at most so many boxes per image; export: with nms=True or False; default: 300
    max_det: int | None
    # let boxes of different classes suppress each other; export: with nms=True or False; default: False
    agnostic_nms: bool | None
    # see each image at three scales, once mirrored: slower, and finds more (checkpoints that detect); default: False
    augment: bool | None
    # write a map of what the scores rest on over each image, NAME_cam.jpg (checkpoints); default: False
    visualize: bool | None
    # instead of detections the mean features of these layers of a checkpoint, for example [15, 18]; save_json writes
    # them; None: detect
    embed: int | Sequence[int] | None
    # pad to the smallest rectangle instead of the whole size; default: True
    rect: bool | None
    # use each n-th frame of a video; default: 1
    vid_stride: int | None
    # keep all frames of a live stream instead of the newest; default: False
    stream_buffer: bool | None
    # what runs the network; default: auto
    runtime: str | None
    # cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it runs each layer;
    # compare: two, plain names behind HETERO: and the like belong to it, ';' always separates
    device: str | None
    # element type of the inference; default: auto
    precision: str | None
    # latency: one inference at a time; throughput: several; auto: the faster one on the first images; also spelt mode=;
    # default: auto
    performance: str | None
    # threads of OpenVINO's inference; 0: its choice, or what the CPU quota of a container allows; default: 0
    threads: int | None
    # bind OpenVINO's threads to cores; give False where several processes share a machine; None: its choice, and False
    # under a CPU quota
    pinning: bool | None
    # inferences in parallel; 0: as performance says; default: 0
    streams: int | None
    # seconds after which an inference of OpenVINO is abandoned; 0: never; None: 120
    watchdog: float | None
    # stop at the first image that fails; audit: fail for unknown names, too; default: False
    strict: bool | None
    # an image that fails is a result with an error instead of being skipped; True for source=-; default: False
    error_results: bool | None
    # source=-: lines of paths and URLs; length: 4 bytes big-endian before each image; netstring: key and image, each as
    # LENGTH:BYTES,; whole: one image; auto: by the first bytes; default: auto
    framing: str | None
    # folder for compiled models; auto: ~/.cache/yolovino/models; None: no cache; default: auto
    cache_dir: str | os.PathLike[str] | None
    # properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file
    ov_config: Mapping[str, object] | str | None
    # write annotated images and videos; val: results.csv and results.json; default: False
    save: bool | None
    # write label files; default: False
    save_txt: bool | None
    # add the score to label files; default: False
    save_conf: bool | None
    # write each detection as an image; default: False
    save_crop: bool | None
    # write the frames of videos as images; default: False
    save_frames: bool | None
    # predict: one JSON line per image, to standard output and predictions.jsonl; val: predictions.json in COCO's form;
    # info: print JSON; default: False
    save_json: bool | None
    # show the images in a window; default: False
    show: bool | None
    # draw class names; default: True
    show_labels: bool | None
    # draw scores; default: True
    show_conf: bool | None
    # segment: masks at the size of the image instead of the network's input; default: False
    retina_masks: bool | None
    # draw boxes; default: True
    show_boxes: bool | None
    # width of lines in pixels; None: from the size of the image
    line_width: int | None
    # root of the run folders; None: runs/detect
    project: str | None
    # name of the run folder; None: the mode
    name: str | None
    # write into an existing run folder; default: False
    exist_ok: bool | None


class TrackOptions(TypedDict, total=False):
    """Options of ``yolo track``."""

    # input size, one number or [height, width]; None: the size of the training
    imgsz: int | Sequence[int] | None
    # images per inference; default: 1
    batch: int | None
    # 16-bit floats: weights of an export, inference of a prediction; default: False
    half: bool | None
    # 8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast with VNNI, but
    # no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export; default: False
    int8: bool | None
    # 16 is half=True, 32 is half=False, 8 is int8=True
    quantize: int | None
    # write what is done; for info: the table of layers; default: True
    verbose: bool | None
    # keep detections with a score above this; val: None is 0.001, and 0.25 for the confusion matrix; export: with
    # nms=True; default: 0.1
    conf: float | None
    # suppress boxes that overlap more than this; export: with nms=True; default: 0.7
    iou: float | None
    # False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression afterwards; export: True
    # puts it into the network
    nms: bool | None
    # deprecated: True is nms=False, False is nms=None
    end2end: bool | None
    # keep only these class ids, for example [0, 2]; None: all
    classes: int | Sequence[int] | None
    # at most so many boxes per image; export: with nms=True or False; default: 300
    max_det: int | None
    # let boxes of different classes suppress each other; export: with nms=True or False; default: False
    agnostic_nms: bool | None
    # see each image at three scales, once mirrored: slower, and finds more (checkpoints that detect); default: False
    augment: bool | None
    # write a map of what the scores rest on over each image, NAME_cam.jpg (checkpoints); default: False
    visualize: bool | None
    # pad to the smallest rectangle instead of the whole size; default: True
    rect: bool | None
    # use each n-th frame of a video; default: 1
    vid_stride: int | None
    # how objects are followed: a YAML file, or one that is built in; default: tracktrack.yaml
    tracker: str | None
    # keep all frames of a live stream instead of the newest; default: False
    stream_buffer: bool | None
    # what runs the network; default: auto
    runtime: str | None
    # cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it runs each layer;
    # compare: two, plain names behind HETERO: and the like belong to it, ';' always separates
    device: str | None
    # element type of the inference; default: auto
    precision: str | None
    # latency: one inference at a time; throughput: several; auto: the faster one on the first images; also spelt mode=;
    # default: auto
    performance: str | None
    # threads of OpenVINO's inference; 0: its choice, or what the CPU quota of a container allows; default: 0
    threads: int | None
    # bind OpenVINO's threads to cores; give False where several processes share a machine; None: its choice, and False
    # under a CPU quota
    pinning: bool | None
    # inferences in parallel; 0: as performance says; default: 0
    streams: int | None
    # seconds after which an inference of OpenVINO is abandoned; 0: never; None: 120
    watchdog: float | None
    # stop at the first image that fails; audit: fail for unknown names, too; default: False
    strict: bool | None
    # an image that fails is a result with an error instead of being skipped; True for source=-; default: False
    error_results: bool | None
    # source=-: lines of paths and URLs; length: 4 bytes big-endian before each image; netstring: key and image, each as
    # LENGTH:BYTES,; whole: one image; auto: by the first bytes; default: auto
    framing: str | None
    # folder for compiled models; auto: ~/.cache/yolovino/models; None: no cache; default: auto
    cache_dir: str | os.PathLike[str] | None
    # properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file
    ov_config: Mapping[str, object] | str | None
    # write annotated images and videos; val: results.csv and results.json; default: False
    save: bool | None
    # write label files; default: False
    save_txt: bool | None
    # add the score to label files; default: False
    save_conf: bool | None
    # write each detection as an image; default: False
    save_crop: bool | None
    # write the frames of videos as images; default: False
    save_frames: bool | None
    # predict: one JSON line per image, to standard output and predictions.jsonl; val: predictions.json in COCO's form;
    # info: print JSON; default: False
    save_json: bool | None
    # show the images in a window; default: False
    show: bool | None
    # draw class names; default: True
    show_labels: bool | None
    # draw scores; default: True
    show_conf: bool | None
    # segment: masks at the size of the image instead of the network's input; default: False
    retina_masks: bool | None
    # draw boxes; default: True
    show_boxes: bool | None
    # width of lines in pixels; None: from the size of the image
    line_width: int | None
    # root of the run folders; None: runs/detect
    project: str | None
    # name of the run folder; None: the mode
    name: str | None
    # write into an existing run folder; default: False
    exist_ok: bool | None


class ValOptions(TypedDict, total=False):
    """Options of ``yolo val``."""

    # input size, one number or [height, width]; None: the size of the training
    imgsz: int | Sequence[int] | None
    # images per inference; default: 16
    batch: int | None
    # 16-bit floats: weights of an export, inference of a prediction; default: False
    half: bool | None
    # 8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast with VNNI, but
    # no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export; default: False
    int8: bool | None
    # 16 is half=True, 32 is half=False, 8 is int8=True
    quantize: int | None
    # write what is done; for info: the table of layers; default: True
    verbose: bool | None
    # keep detections with a score above this; val: None is 0.001, and 0.25 for the confusion matrix; export: with
    # nms=True
    conf: float | None
    # suppress boxes that overlap more than this; export: with nms=True; default: 0.7
    iou: float | None
    # False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression afterwards; export: True
    # puts it into the network
    nms: bool | None
    # deprecated: True is nms=False, False is nms=None
    end2end: bool | None
    # keep only these class ids, for example [0, 2]; None: all
    classes: int | Sequence[int] | None
    # at most so many boxes per image; export: with nms=True or False; default: 300
    max_det: int | None
    # let boxes of different classes suppress each other; export: with nms=True or False; default: False
    agnostic_nms: bool | None
    # see each image at three scales, once mirrored: slower, and finds more (checkpoints that detect); default: False
    augment: bool | None
    # let smaller objects hide larger ones in the masks of the labels (segment); default: True
    overlap_mask: bool | None
    # pad to the smallest rectangle instead of the whole size; default: True
    rect: bool | None
    # what runs the network; default: auto
    runtime: str | None
    # cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it runs each layer;
    # compare: two, plain names behind HETERO: and the like belong to it, ';' always separates
    device: str | None
    # element type of the inference; default: auto
    precision: str | None
    # latency: one inference at a time; throughput: several; auto: the faster one on the first images; also spelt mode=;
    # default: auto
    performance: str | None
    # threads of OpenVINO's inference; 0: its choice, or what the CPU quota of a container allows; default: 0
    threads: int | None
    # bind OpenVINO's threads to cores; give False where several processes share a machine; None: its choice, and False
    # under a CPU quota
    pinning: bool | None
    # inferences in parallel; 0: as performance says; default: 0
    streams: int | None
    # seconds after which an inference of OpenVINO is abandoned; 0: never; None: 120
    watchdog: float | None
    # folder for compiled models; auto: ~/.cache/yolovino/models; None: no cache; default: auto
    cache_dir: str | os.PathLike[str] | None
    # properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file
    ov_config: Mapping[str, object] | str | None
    # dataset YAML: path, val, names; export int8: a folder, glob, or list of images will do, too
    data: str | os.PathLike[str] | None
    # part of the dataset: val, test, train, minival; default: val
    split: str | None
    # treat all classes as one; default: False
    single_cls: bool | None
    # threads that read and prepare images, 0: none; default: 8
    workers: int | None
    # COCO instances_*.json as ground truth instead of label files
    annotations: str | os.PathLike[str] | None
    # rules of 8.4, or of 8.0 to 8.3 (classic); default: ultralytics
    protocol: str | None
    # i/n: validate part i of n and write it for merge
    shard: str | None
    # draw curves, confusion matrices, and the first batches; write report.html; default: True
    plots: bool | None
    # write annotated images and videos; val: results.csv and results.json; default: True
    save: bool | None
    # write label files; default: False
    save_txt: bool | None
    # add the score to label files; default: False
    save_conf: bool | None
    # predict: one JSON line per image, to standard output and predictions.jsonl; val: predictions.json in COCO's form;
    # info: print JSON; default: False
    save_json: bool | None
    # root of the run folders; None: runs/detect
    project: str | None
    # name of the run folder; None: the mode
    name: str | None
    # write into an existing run folder; default: False
    exist_ok: bool | None


class ExportOptions(TypedDict, total=False):
    """Options of ``yolo export``."""

    # formats with commas: torchscript, onnx, openvino; benchmark, compare: pytorch, too; None: all; default:
    # torchscript
    format: str | None
    # input size, one number or [height, width]; None: the size of the training
    imgsz: int | Sequence[int] | None
    # images per inference; default: 1
    batch: int | None
    # make batch, height, and width dynamic; default: False
    dynamic: bool | None
    # 16-bit floats: weights of an export, inference of a prediction; default: False
    half: bool | None
    # 8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast with VNNI, but
    # no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export; default: False
    int8: bool | None
    # 16 is half=True, 32 is half=False, 8 is int8=True
    quantize: int | None
    # onnx: version of its operators; None: 18
    opset: int | None
    # onnx: accepted, the network is written simplified in any case; default: True
    simplify: bool | None
    # torchscript: accepted, batch norms are folded in any case; default: False
    optimize: bool | None
    # write what is done; for info: the table of layers; default: True
    verbose: bool | None
    # keep detections with a score above this; val: None is 0.001, and 0.25 for the confusion matrix; export: with
    # nms=True; default: 0.25
    conf: float | None
    # suppress boxes that overlap more than this; export: with nms=True; default: 0.7
    iou: float | None
    # False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression afterwards; export: True
    # puts it into the network
    nms: bool | None
    # deprecated: True is nms=False, False is nms=None
    end2end: bool | None
    # at most so many boxes per image; export: with nms=True or False; default: 300
    max_det: int | None
    # let boxes of different classes suppress each other; export: with nms=True or False; default: False
    agnostic_nms: bool | None
    # dataset YAML: path, val, names; export int8: a folder, glob, or list of images will do, too
    data: str | None
    # part of the dataset: val, test, train, minival; default: val
    split: str | None
    # int8: share of data to calibrate on, or above 1 the number of images; default: 1
    fraction: float | None
    # int8: layers to leave in float, for example 2.cv1,22.cv3
    float_layers: str | Sequence[str] | None
    # int8: find up to three layers that are worth leaving in float (a minute or more); default: False
    guard: bool | None
    # int8: warn if mAP50-95 on the labels of data falls by more than this; None: do not measure
    max_drop: float | None
    # class names of an imported model whose file has none, for example cat,dog
    names: str | Sequence[str] | None
    # largest stride of an imported model; None: the file's, or 32
    stride: int | None


class BenchmarkOptions(TypedDict, total=False):
    """Options of ``yolo benchmark``."""

    # formats with commas: torchscript, onnx, openvino; benchmark, compare: pytorch, too; None: all
    format: str | None
    # the same as format
    formats: str | None
    # input size, one number or [height, width]; None: the size of the training
    imgsz: int | Sequence[int] | None
    # 16-bit floats: weights of an export, inference of a prediction; default: False
    half: bool | None
    # 8-bit weights and activations, calibrated on data (export: openvino, onnx): about 1.6 times as fast with VNNI, but
    # no faster than bf16 on CPUs with AMX; predict, val: the model must be such an export; default: False
    int8: bool | None
    # 16 is half=True, 32 is half=False, 8 is int8=True
    quantize: int | None
    # write what is done; for info: the table of layers; default: True
    verbose: bool | None
    # False: the one-to-one head of YOLO26 and YOLOv10, without suppression; None: suppression afterwards; export: True
    # puts it into the network
    nms: bool | None
    # deprecated: True is nms=False, False is nms=None
    end2end: bool | None
    # cpu, gpu, npu, intel:gpu, or an OpenVINO name; None: the best choice; info: show in which type it runs each layer;
    # compare: two, plain names behind HETERO: and the like belong to it, ';' always separates
    device: str | None
    # element type of the inference; default: auto
    precision: str | None
    # properties for OpenVINO, KEY=VALUE or DEVICE:KEY=VALUE with commas, or a .json file
    ov_config: Mapping[str, object] | str | None
    # dataset YAML: path, val, names; export int8: a folder, glob, or list of images will do, too
    data: str | os.PathLike[str] | None
    # part of the dataset: val, test, train, minival; default: val
    split: str | None
    # root of the run folders; None: runs/detect
    project: str | None
    # name of the run folder; None: the mode
    name: str | None
    # write into an existing run folder; default: False
    exist_ok: bool | None

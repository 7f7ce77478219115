"""The functions of the C interface: what they take and return."""

from __future__ import annotations

import ctypes as c

Handle = c.c_void_p
Status = c.c_int32
Floats = c.POINTER(c.c_float)
Bytes = c.POINTER(c.c_uint8)
Int = c.POINTER(c.c_int32)
Size = c.POINTER(c.c_size_t)
Double = c.POINTER(c.c_double)
# Of the caller: kept as an address, so that it can be freed.
OwnedText = c.c_void_p
LOG_FUNCTION = c.CFUNCTYPE(None, c.c_void_p, c.c_int32, c.c_char_p)
PROGRESS_FUNCTION = c.CFUNCTYPE(None, c.c_void_p, c.c_char_p, c.c_uint64, c.c_uint64)


class Option(c.Structure):
    """`yv_option`."""

    _fields_ = [("key", c.c_char_p), ("value", c.c_char_p)]


class Image(c.Structure):
    """`yv_image`."""

    _fields_ = [
        ("size", c.c_uint32),
        ("format", c.c_int32),
        ("data", c.c_void_p),
        ("width", c.c_int32),
        ("height", c.c_int32),
        ("stride", c.c_size_t),
    ]


class Input(c.Structure):
    """`yv_input`."""

    _fields_ = [
        ("size", c.c_uint32),
        ("reserved", c.c_uint32),
        ("encoded", c.c_void_p),
        ("encoded_bytes", c.c_size_t),
        ("image", c.POINTER(Image)),
        ("path", c.c_char_p),
    ]


class ResultData(c.Structure):
    """`yv_result_data`."""

    _fields_ = [
        ("size", c.c_uint32),
        ("mask_width", c.c_int32),
        ("mask_height", c.c_int32),
        ("reserved", c.c_uint32),
        ("task", c.c_char_p),
        ("path", c.c_char_p),
        ("image", c.POINTER(Image)),
        ("class_names", c.POINTER(c.c_char_p)),
        ("class_count", c.c_size_t),
        ("count", c.c_size_t),
        ("boxes", c.c_void_p),
        ("ids", c.c_void_p),
        ("obb", c.c_void_p),
        ("keypoints", c.c_void_p),
        ("keypoint_count", c.c_size_t),
        ("keypoint_numbers", c.c_size_t),
        ("probs", c.c_void_p),
        ("masks", c.c_void_p),
        ("preprocess_ms", c.c_double),
        ("inference_ms", c.c_double),
        ("postprocess_ms", c.c_double),
    ]


_OUT = c.POINTER(Handle)
_OPTIONS = (c.POINTER(Option), c.c_size_t)

# name: (returns, takes…). The functions that return a status take the place of an error last.
_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "yv_version": (c.c_char_p, ()),
    "yv_openvino_version": (OwnedText, ()),
    "yv_options_json": (Status, (c.c_char_p, _OUT, _OUT)),
    "yv_formats_json": (Status, (_OUT, _OUT)),
    "yv_devices_json": (Status, (_OUT, _OUT)),
    "yv_main": (c.c_int, (c.c_int, c.POINTER(c.c_char_p))),
    "yv_set_log": (None, (c.c_void_p, c.c_void_p)),
    "yv_set_progress": (None, (c.c_void_p, c.c_void_p)),
    "yv_status_name": (c.c_char_p, (Status,)),
    "yv_error_code": (Status, (Handle,)),
    "yv_error_message": (c.c_char_p, (Handle,)),
    "yv_error_hint": (c.c_char_p, (Handle,)),
    "yv_error_file": (c.c_char_p, (Handle,)),
    "yv_error_free": (None, (Handle,)),
    "yv_string_free": (None, (OwnedText,)),
    "yv_model_open": (Status, (c.c_char_p, *_OPTIONS, _OUT, _OUT)),
    "yv_model_compile": (Status, (Handle, *_OPTIONS, _OUT)),
    "yv_model_free": (None, (Handle,)),
    "yv_model_info_json": (c.c_char_p, (Handle,)),
    "yv_model_task": (c.c_char_p, (Handle,)),
    "yv_model_class_count": (c.c_size_t, (Handle,)),
    "yv_model_class_name": (c.c_char_p, (Handle, c.c_size_t)),
    "yv_predict_encoded": (Status, (Handle, c.c_char_p, c.c_size_t, *_OPTIONS, _OUT, _OUT)),
    "yv_predict_pixels": (Status, (Handle, c.POINTER(Image), *_OPTIONS, _OUT, _OUT)),
    "yv_predict_batch": (Status, (Handle, c.POINTER(Input), c.c_size_t, *_OPTIONS, _OUT, _OUT)),
    "yv_predict_source": (Status, (Handle, c.c_char_p, *_OPTIONS, _OUT, _OUT)),
    "yv_track_source": (Status, (Handle, c.c_char_p, *_OPTIONS, _OUT, _OUT)),
    "yv_predictions_next": (Status, (Handle, _OUT, _OUT)),
    "yv_predictions_stop": (None, (Handle,)),
    "yv_predictions_free": (None, (Handle,)),
    "yv_tracker_new": (Status, (Handle, *_OPTIONS, _OUT, _OUT)),
    "yv_tracker_encoded": (Status, (Handle, c.c_char_p, c.c_size_t, _OUT, _OUT)),
    "yv_tracker_pixels": (Status, (Handle, c.POINTER(Image), _OUT, _OUT)),
    "yv_tracker_source": (Status, (Handle, c.c_char_p, _OUT, _OUT)),
    "yv_tracker_reset": (None, (Handle,)),
    "yv_tracker_free": (None, (Handle,)),
    "yv_result_status": (Status, (Handle,)),
    "yv_result_error": (Handle, (Handle,)),
    "yv_result_count": (c.c_size_t, (Handle,)),
    "yv_result_task": (c.c_char_p, (Handle,)),
    "yv_result_path": (c.c_char_p, (Handle,)),
    "yv_result_frame": (c.c_int64, (Handle,)),
    "yv_result_size": (None, (Handle, Int, Int)),
    "yv_result_input_size": (None, (Handle, Int, Int)),
    "yv_result_speed": (None, (Handle, Double, Double, Double)),
    "yv_result_save_dir": (c.c_char_p, (Handle,)),
    "yv_result_class_name": (c.c_char_p, (Handle, c.c_size_t)),
    "yv_result_class_count": (c.c_size_t, (Handle,)),
    "yv_result_image": (Status, (Handle, c.POINTER(Image))),
    "yv_result_boxes": (Floats, (Handle,)),
    "yv_result_ids": (Int, (Handle,)),
    "yv_result_obb": (Floats, (Handle,)),
    "yv_result_corners": (Floats, (Handle,)),
    "yv_result_keypoints": (Floats, (Handle, Size, Size)),
    "yv_result_probs": (Floats, (Handle, Size)),
    "yv_result_embedding": (Floats, (Handle, Size)),
    "yv_result_mask_size": (None, (Handle, Int, Int)),
    "yv_result_mask": (Status, (Handle, c.c_size_t, c.c_void_p, c.c_size_t, _OUT)),
    "yv_result_mask_outline": (Floats, (Handle, c.c_size_t, c.c_int32, Size)),
    "yv_result_json": (OwnedText, (Handle, c.c_int32, c.c_int32)),
    "yv_result_summary": (OwnedText, (Handle, c.c_int32, c.c_int32)),
    "yv_result_verbose": (OwnedText, (Handle,)),
    "yv_result_plot": (Status, (Handle, *_OPTIONS, c.c_void_p, c.c_size_t, _OUT)),
    "yv_result_save": (Status, (Handle, c.c_char_p, *_OPTIONS, _OUT)),
    "yv_result_save_txt": (Status, (Handle, c.c_char_p, c.c_int32, _OUT)),
    "yv_result_save_crop": (Status, (Handle, c.c_char_p, c.c_char_p, _OUT)),
    "yv_result_select": (Status, (Handle, Size, c.c_size_t, _OUT, _OUT)),
    "yv_result_create": (Status, (c.POINTER(ResultData), _OUT, _OUT)),
    "yv_result_free": (None, (Handle,)),
    "yv_export": (Status, (Handle, *_OPTIONS, _OUT, _OUT)),
    "yv_val": (Status, (Handle, *_OPTIONS, _OUT, _OUT)),
    "yv_val_merge": (Status, (c.POINTER(c.c_char_p), c.c_size_t, *_OPTIONS, _OUT, _OUT)),
    "yv_benchmark": (Status, (c.c_char_p, *_OPTIONS, _OUT, _OUT)),
    "yv_audit": (Status, (c.c_char_p, _OUT, _OUT)),
}


def declare(library: c.CDLL) -> None:
    """Tells ctypes of each function."""
    for name, (returns, takes) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = returns
        function.argtypes = takes

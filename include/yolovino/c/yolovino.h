#ifndef YOLOVINO_C_YOLOVINO_H
#define YOLOVINO_C_YOLOVINO_H

/// The C interface, `libyolovino_c.so.1`: C11, for programs in C and for other languages.
///
/// - Functions begin with `yv_`. Handles are opaque. A function that can fail returns a `yv_status` and, where the
///   caller gives a place, an error with a text: `*error` is set on failure and untouched on success. `error` may
///   be NULL. Results that a failed call would have given are set to NULL.
/// - Options are pairs of text, with the names and spellings of the command: `{"conf", "0.4"}`, `{"imgsz", "[384,
/// 640]"}`.
///   `yv_options_json` lists them. A NULL array of length 0 means the defaults. Unlike those of the command,
///   predictions save nothing unless an option says so.
/// - Text is UTF-8 and ends with a zero byte. Paths are bytes as the operating system has them.
/// - What a function returns as a const pointer is borrowed: it lives as long as the handle that it was asked of,
/// unless
///   the function says less. What is returned through `char**` or as `char*` belongs to the caller: `yv_string_free`.
/// - Every `*_free` takes NULL.
/// - Any number of threads may use one model. A result, an error, a tracker, and predictions belong to one thread at a
///   time. Different handles do not disturb each other.
/// - After `fork` the child must not use what the parent loaded: such calls fail with YV_RUNTIME_FAILURE. A child of a
///   process that has not loaded a model yet may load its own.
/// - No C++ exception leaves the library; it writes to no stream (but for `yv_main`) and ends no process.
///
/// Within one major version of the interface functions, values, and fields are added at the end and never changed.

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define YV_API __attribute__((visibility("default")))
#else
#define YV_API
#endif

/// The interface that this header describes; `yv_abi_version()` is that of the library that is loaded.
#define YV_ABI_MAJOR 1
#define YV_ABI_MINOR 0

#ifdef __cplusplus
extern "C" {
#endif

/// How a call ended. The numbers stay.
typedef int32_t yv_status;
enum {
    YV_OK = 0,
    YV_INVALID_ARGUMENT = 1,    ///< an argument is unknown, of the wrong type, or out of range
    YV_NOT_FOUND = 2,           ///< a file, folder, or image source does not exist
    YV_IO_FAILURE = 3,          ///< reading or writing failed in the operating system
    YV_UNSUPPORTED_FILE = 4,    ///< the file is of a kind that is recognised but not read
    YV_CORRUPT_FILE = 5,        ///< the file breaks the rules of its own format
    YV_LIMIT_EXCEEDED = 6,      ///< a limit on size, depth, count, or time was reached, or memory ran out
    YV_UNSUPPORTED_MODEL = 7,   ///< the network holds a layer or an option that is not implemented
    YV_SHAPE_MISMATCH = 8,      ///< shapes or counts that belong together disagree
    YV_DEVICE_UNAVAILABLE = 9,  ///< the inference device does not exist or refuses the model
    YV_RUNTIME_FAILURE = 10,    ///< the inference runtime reported an error
    YV_NETWORK_FAILURE = 11,    ///< a download or a stream failed
    YV_MISSING_COMPONENT = 12,  ///< an optional module or library is not installed
    YV_CANCELLED = 13,          ///< the request was cancelled, or its model freed, before it began
    YV_TIMEOUT = 14             ///< the request is not finished yet
};

typedef struct yv_error yv_error;              ///< why a call failed
typedef struct yv_model yv_model;              ///< a checkpoint or an export
typedef struct yv_result yv_result;            ///< what was found in one image or frame
typedef struct yv_predictions yv_predictions;  ///< the results of a source, one after the other
typedef struct yv_tracker yv_tracker;          ///< a model with the memory of one video
typedef struct yv_request yv_request;          ///< a prediction that runs in the background
typedef struct yv_tensors yv_tensors;          ///< raw outputs of a network

/// One option: a name and a value as the command spells them. Never changes.
typedef struct yv_option {
    const char* key;
    const char* value;
} yv_option;

/// Order of the bytes of one pixel in memory, 8 bits each.
enum { YV_BGR = 0, YV_RGB = 1, YV_BGRA = 2, YV_RGBA = 3, YV_GRAY = 4 };

/// Pixels that belong to the caller, read during the call only: rows from top to bottom.
typedef struct yv_image {
    uint32_t size;        ///< sizeof(yv_image)
    int32_t format;       ///< YV_BGR, …
    const uint8_t* data;  ///< the first row
    int32_t width;        ///< pixels
    int32_t height;       ///< pixels
    size_t stride;        ///< bytes from row to row; 0: rows without gaps
} yv_image;

/// One image: encoded or pixels, exactly one of both.
typedef struct yv_input {
    uint32_t size;          ///< sizeof(yv_input), the same in all elements of an array
    uint32_t reserved;      ///< 0
    const void* encoded;    ///< JPEG, PNG, …; NULL: pixels
    size_t encoded_bytes;   ///< of `encoded`
    const yv_image* image;  ///< pixels; NULL: encoded
    const char* path;       ///< what the result calls the image; NULL: `image0.jpg`, `image1.jpg`, …
} yv_input;

/// A tensor of 32-bit floats, row after row.
typedef struct yv_tensor {
    uint32_t size;         ///< sizeof(yv_tensor)
    uint32_t rank;         ///< dimensions
    const char* name;      ///< of the output; of an input NULL
    const int64_t* shape;  ///< `rank` dimensions, the batch first
    const float* data;     ///< as many values as the product of `shape`
} yv_tensor;

// ---- The library ----

/// Interface of the library that is loaded: `major << 16 | minor`.
YV_API uint32_t yv_abi_version(void);
/// Version of yolovino, `major.minor.patch`.
YV_API const char* yv_version(void);
/// Version of the OpenVINO that is loaded, a new text; NULL without memory.
YV_API char* yv_openvino_version(void);
/// The devices of this machine, a JSON array: `name`, `full_name`, `capabilities`, …. Loads their plugins.
YV_API yv_status yv_devices_json(char** json, yv_error** error);
/// What `yv_export` writes, a JSON array: `name`, `label`, `suffix`, `aliases`, `arguments`.
YV_API yv_status yv_formats_json(char** json, yv_error** error);
/// The options of a mode, a JSON array in the order of help: `key`, `type` (`bool`, `int`, `float`, `str`, `path`,
/// `list`, `int or list`, `str or list`, `KEY=VALUE`), `default` as it would be typed, `help`, `wanted`, and, where
/// there are any, `choices`, `values` (suggestions), `lowest`, and `highest`.
/// @param mode `predict`, `track`, `val`, `export`, `benchmark`, `compare`, or `plot` (of `yv_result_plot`)
YV_API yv_status yv_options_json(const char* mode, char** json, yv_error** error);
/// The command `yolo`: `argv` as `main` gets it, output to the standard streams; returns the exit status. Takes over
/// the log of the process, and its signals while it predicts. `benchmark` forks, which wants a process without models.
YV_API int yv_main(int argc, char** argv);

/// Severity of a line of the log.
enum { YV_LOG_DEBUG = 0, YV_LOG_INFO = 1, YV_LOG_WARNING = 2 };
/// Receives a line without a line end. From any thread, one call at a time; `line` is borrowed for the call. It must
/// not call the library.
typedef void (*yv_log_fn)(void* user, int32_t level, const char* line);
/// Receives the progress of long work; `total` is 0 where it is unknown. As `yv_log_fn`.
typedef void (*yv_progress_fn)(void* user, const char* stage, uint64_t done, uint64_t total);
/// Where the messages of the process go; NULL (the state at start) drops them. When it returns, the previous function
/// is not called any more. Not to be called from a log or progress function.
YV_API void yv_set_log(yv_log_fn function, void* user);
YV_API void yv_set_progress(yv_progress_fn function, void* user);

// ---- Errors and text ----

/// `CorruptFile`; `Ok`, `Cancelled`, and `Timeout` for what is no failure. Never NULL.
YV_API const char* yv_status_name(yv_status status);
YV_API yv_status yv_error_code(const yv_error* error);
/// The whole line: `[area] what, got, wanted (file at 0xoffset, in module.path); hint`. Never NULL.
YV_API const char* yv_error_message(const yv_error* error);
/// What the user can do about it; may be empty.
YV_API const char* yv_error_hint(const yv_error* error);
/// The file, and the module in it, where the error was found; may be empty.
YV_API const char* yv_error_file(const yv_error* error);
YV_API const char* yv_error_module(const yv_error* error);
/// Byte offset in that file; -1 if it is not known.
YV_API int64_t yv_error_offset(const yv_error* error);
YV_API void yv_error_free(yv_error* error);
/// Frees what a function returned as `char*`.
YV_API void yv_string_free(char* text);

// ---- Models ----

/// Reads a checkpoint (`.pt`) or an export; nothing in it is executed. The network is compiled at the first prediction.
/// @param options `task` and `kpt_shape` of a file that does not say them; options of predict that all predictions of
/// this model take unless their own say otherwise: `device`, `conf`, …
YV_API yv_status yv_model_open(const char* path, const yv_option* options, size_t count, yv_model** model,
                               yv_error** error);
/// Compiles the network for predictions with these options ahead of the first one.
YV_API yv_status yv_model_compile(yv_model* model, const yv_option* options, size_t count, yv_error** error);
/// Ends its background work: what has begun is finished, other requests are cancelled. Results, trackers, and
/// predictions that it gave live on.
YV_API void yv_model_free(yv_model* model);

/// What the model is, one JSON object: `path`, `format`, `task`, `names`, `strides`, `imgsz`, `kpt_shape`,
/// `source_sha256`, `train_args`, …, as `yolo info save_json=True` prints it.
YV_API const char* yv_model_info_json(const yv_model* model);
/// `detect`, `segment`, `classify`, `pose`, or `obb`.
YV_API const char* yv_model_task(const yv_model* model);
YV_API size_t yv_model_class_count(const yv_model* model);
/// NULL for a number that is no class.
YV_API const char* yv_model_class_name(const yv_model* model, size_t cls);

// ---- Predictions ----
// Options that differ are prepared once and kept, 16 sets of each model: use the same set again rather than new ones.

/// One encoded image (JPEG, PNG, …). Writes no files, whatever the options say; so do the next three.
YV_API yv_status yv_predict_encoded(yv_model* model, const void* bytes, size_t byte_count, const yv_option* options,
                                    size_t count, yv_result** result, yv_error** error);
/// One image as pixels, which are copied.
YV_API yv_status yv_predict_pixels(yv_model* model, const yv_image* image, const yv_option* options, size_t count,
                                   yv_result** result, yv_error** error);
/// Several images, `batch` of them (an option) in each inference. A bad image does not fail the others.
/// @param results `input_count` places. After YV_OK each holds a result of its own status, see `yv_result_status`; the
/// caller frees all of them. After another status each is NULL
YV_API yv_status yv_predict_batch(yv_model* model, const yv_input* inputs, size_t input_count, const yv_option* options,
                                  size_t count, yv_result** results, yv_error** error);

/// A file, folder, glob, `.txt` or `.csv` list, video, URL, stream, or camera number, or several files, folders, and
/// globs, one a line. Writes what the options ask for. Nothing is computed before `yv_predictions_next`.
YV_API yv_status yv_predict_source(yv_model* model, const char* source, const yv_option* options, size_t count,
                                   yv_predictions** predictions, yv_error** error);
/// The same, with ids of the objects that are followed. Options of track. Each video has ids of its own.
YV_API yv_status yv_track_source(yv_model* model, const char* source, const yv_option* options, size_t count,
                                 yv_predictions** predictions, yv_error** error);
/// Computes the next result. At the end YV_OK with `*result` NULL. A failure ends the predictions; images that fail are
/// skipped with a warning in the log, unless the option `strict` is set.
YV_API yv_status yv_predictions_next(yv_predictions* predictions, yv_result** result, yv_error** error);
/// Ends the work early, from any thread: files that are begun are finished, and the end is reached.
YV_API void yv_predictions_stop(yv_predictions* predictions);
YV_API void yv_predictions_free(yv_predictions* predictions);

// ---- Predictions in the background ----

/// Receives the end of a request, on a thread of the library or, of a cancelled one, on that which cancels. `result`
/// belongs to the receiver; it is NULL where the request failed or was cancelled. `error` is borrowed for the call; it
/// is NULL where there is a result.
typedef void (*yv_callback)(void* user, yv_result* result, const yv_error* error);

/// Predicts one image on a thread of the library. The image is copied before the function returns. Requests begin in
/// the order in which they were submitted. YV_LIMIT_EXCEEDED where 4096 wait already.
/// @param callback is called exactly once, also if the request is cancelled; NULL: `yv_request_wait` gives the result
/// @param request  may be NULL where a callback is given; else it must be freed
YV_API yv_status yv_submit(yv_model* model, const yv_input* input, const yv_option* options, size_t count,
                           yv_callback callback, void* user, yv_request** request, yv_error** error);
/// Waits for the end of a request. Where it has a callback, that has returned, and `*result` stays NULL.
/// @param timeout_ms negative: without limit; after it YV_TIMEOUT, and the request goes on
/// @param result     may be NULL; given once: another call gives NULL
/// @return how the request ended
YV_API yv_status yv_request_wait(yv_request* request, int64_t timeout_ms, yv_result** result, yv_error** error);
/// Cancels a request that has not begun; 1 if it was, 0 if it runs or has ended. Calls its callback.
YV_API int32_t yv_cancel(yv_request* request);
/// Gives the handle up; the request itself goes on, and its callback is called.
YV_API void yv_request_free(yv_request* request);

// ---- Trackers ----

/// Follows objects through the frames of one video that the caller has; ids begin with 1. Options of track.
YV_API yv_status yv_tracker_new(yv_model* model, const yv_option* options, size_t count, yv_tracker** tracker,
                                yv_error** error);
/// The next frame.
YV_API yv_status yv_tracker_encoded(yv_tracker* tracker, const void* bytes, size_t byte_count, yv_result** result,
                                    yv_error** error);
YV_API yv_status yv_tracker_pixels(yv_tracker* tracker, const yv_image* image, yv_result** result, yv_error** error);
/// Goes on with a source as if it continued what came before. The tracker must not be used for anything else until the
/// predictions are freed.
YV_API yv_status yv_tracker_source(yv_tracker* tracker, const char* source, yv_predictions** predictions,
                                   yv_error** error);
/// Forgets all objects.
YV_API void yv_tracker_reset(yv_tracker* tracker);
YV_API void yv_tracker_free(yv_tracker* tracker);

// ---- Results ----
// Of a result without a value, of a failed image for example, counts are 0, pointers NULL, and texts empty.

/// YV_OK, or how the image of a batch failed.
YV_API yv_status yv_result_status(const yv_result* result);
/// NULL if it did not fail.
YV_API const yv_error* yv_result_error(const yv_result* result);
/// Objects; of classify 0.
YV_API size_t yv_result_count(const yv_result* result);
/// The task that found them, as `yv_model_task`.
YV_API const char* yv_result_task(const yv_result* result);
/// File, URL, or what the input says, else `image0.jpg`.
YV_API const char* yv_result_path(const yv_result* result);
/// 1-based number of the frame of a video or stream; 0 for images.
YV_API int64_t yv_result_frame(const yv_result* result);
/// Size of the image, and of the network's input, in pixels. Each place may be NULL.
YV_API void yv_result_size(const yv_result* result, int32_t* width, int32_t* height);
YV_API void yv_result_input_size(const yv_result* result, int32_t* width, int32_t* height);
/// Milliseconds: letterbox and tensor, the network, and what follows. Each place may be NULL.
YV_API void yv_result_speed(const yv_result* result, double* preprocess_ms, double* inference_ms,
                            double* postprocess_ms);
/// The run folder where files were written; empty if none.
YV_API const char* yv_result_save_dir(const yv_result* result);
/// Name of a class of the model; NULL for a number that is no class.
YV_API const char* yv_result_class_name(const yv_result* result, size_t cls);
YV_API size_t yv_result_class_count(const yv_result* result);
/// The image as decoded, YV_BGR, rows without gaps. YV_INVALID_ARGUMENT if the result has none.
/// @param image its `size` set by the caller; its data is borrowed
YV_API yv_status yv_result_image(const yv_result* result, yv_image* image);

/// `[count, 6]`: x1, y1, x2, y2 in pixels of the image, score, class id. By descending score. Of obb the smallest
/// upright boxes around the objects.
YV_API const float* yv_result_boxes(const yv_result* result);
/// `[count]`: ids of the objects that are followed, from 1. NULL without a tracker, and where it reported none.
YV_API const int32_t* yv_result_ids(const yv_result* result);
/// Obb: `[count, 7]`: cx, cy, width, height in pixels of the image, angle in radians clockwise, score, class id.
YV_API const float* yv_result_obb(const yv_result* result);
/// Obb: `[count, 4, 2]`: corners in pixels; without rotation bottom right, top right, top left, bottom left.
YV_API const float* yv_result_corners(const yv_result* result);
/// Pose: `[count, points, numbers]`: x and y in pixels of the image, and, where `numbers` is 3, how visible the point
/// is, 0 to 1.
YV_API const float* yv_result_keypoints(const yv_result* result, size_t* points, size_t* numbers);
/// Classify: `[classes]`: probabilities by class id.
YV_API const float* yv_result_probs(const yv_result* result, size_t* classes);
/// Option `embed`: the features instead of objects.
YV_API const float* yv_result_embedding(const yv_result* result, size_t* values);

/// Segment: size of the grid of the masks, that of the network's input or, with `retina_masks`, of the image. 0 without
/// masks.
YV_API void yv_result_mask_size(const yv_result* result, int32_t* width, int32_t* height);
/// Writes the mask of an object, 0 or 1 for each pixel of the grid, row after row.
/// @param capacity at least width * height of the grid
YV_API yv_status yv_result_mask(const yv_result* result, size_t object, uint8_t* pixels, size_t capacity,
                                yv_error** error);
/// The part of the grid outside of which the mask is empty: left, top, width, height.
YV_API yv_status yv_result_mask_box(const yv_result* result, size_t object, int32_t box[4], yv_error** error);
/// As `yv_result_mask`, only the pixels of `yv_result_mask_box`; capacity at least width * height of it.
YV_API yv_status yv_result_mask_crop(const yv_result* result, size_t object, uint8_t* pixels, size_t capacity,
                                     yv_error** error);
/// `[points, 2]`: one closed outline of the mask in pixels of the image, or divided by its size. NULL for an empty
/// mask. Borrowed.
YV_API const float* yv_result_mask_outline(const yv_result* result, size_t object, int32_t normalize, size_t* points);

/// One line of JSON: `path`, `frame`, `shape`, `input_shape`, `detections`, `speed`. NULL without memory, as the next
/// two. @param normalize not 0: coordinates divided by the size of the image @param decimals of the numbers, 5 usually
YV_API char* yv_result_json(const yv_result* result, int32_t normalize, int32_t decimals);
/// `detections` alone, a JSON array: Ultralytics' `summary()`.
YV_API char* yv_result_summary(const yv_result* result, int32_t normalize, int32_t decimals);
/// `4 persons, 1 bus, ` or `(no detections), `.
YV_API char* yv_result_verbose(const yv_result* result);

/// Writes a copy of the image with the objects drawn on it, YV_BGR without gaps, of the size of the image.
/// @param options  of `plot`: `conf`, `labels`, `boxes`, `masks`, `probs`, `kpt_radius`, `kpt_line`, `line_width`
/// @param capacity at least 3 * width * height
YV_API yv_status yv_result_plot(const yv_result* result, const yv_option* options, size_t count, uint8_t* pixels,
                                size_t capacity, yv_error** error);
/// Writes that as a file, JPEG or PNG by its suffix.
YV_API yv_status yv_result_save(const yv_result* result, const char* file, const yv_option* options, size_t count,
                                yv_error** error);
/// Appends a line of label text for each object to a file. @param save_conf not 0: with the score
YV_API yv_status yv_result_save_txt(const yv_result* result, const char* file, int32_t save_conf, yv_error** error);
/// Writes each object to `folder/<class name>/<stem>.jpg`.
YV_API yv_status yv_result_save_crop(const yv_result* result, const char* folder, const char* stem, yv_error** error);
/// A new result with some of the objects, in the given order; the image is shared.
YV_API yv_status yv_result_select(const yv_result* result, const size_t* objects, size_t object_count,
                                  yv_result** selected, yv_error** error);
/// What `yv_result_create` makes a result of. Everything is copied; what a task does not have is NULL or 0.
typedef struct yv_result_data {
    uint32_t size;       ///< sizeof(yv_result_data)
    int32_t mask_width;  ///< of the grid of `masks`
    int32_t mask_height;
    uint32_t reserved;               ///< 0
    const char* task;                ///< as `yv_model_task`
    const char* path;                ///< what the result calls the image; NULL: `image0.jpg`
    const yv_image* image;           ///< the image
    const char* const* class_names;  ///< by class id
    size_t class_count;
    size_t count;            ///< objects
    const float* boxes;      ///< `[count, 6]`, as `yv_result_boxes`; not of obb and classify
    const int32_t* ids;      ///< `[count]`; NULL: no tracker
    const float* obb;        ///< `[count, 7]`, as `yv_result_obb`
    const float* keypoints;  ///< `[count, keypoint_count, keypoint_numbers]`
    size_t keypoint_count;
    size_t keypoint_numbers;  ///< 2 or 3
    const float* probs;       ///< classify: `[class_count]`
    const uint8_t* masks;     ///< `[count, mask_height, mask_width]`, not 0: inside
    double preprocess_ms;
    double inference_ms;
    double postprocess_ms;
} yv_result_data;

/// A result of numbers that the caller has, to draw or write it; objects that a program changed or made, for example.
YV_API yv_status yv_result_create(const yv_result_data* data, yv_result** result, yv_error** error);
YV_API void yv_result_free(yv_result* result);

// ---- Raw inference ----

/// Runs the network on a tensor as it is: `[N, 3, height, width]`, RGB, 0 to 1, without letterbox, suppression, or
/// scaling. Options of predict that say what runs the network; a dynamic network takes any size that its strides allow.
YV_API yv_status yv_infer_raw(yv_model* model, const yv_tensor* input, const yv_option* options, size_t count,
                              yv_tensors** outputs, yv_error** error);
YV_API size_t yv_tensors_count(const yv_tensors* tensors);
/// In the order of the network; borrowed, NULL for an index out of range.
YV_API const yv_tensor* yv_tensors_at(const yv_tensors* tensors, size_t index);
YV_API void yv_tensors_free(yv_tensors* tensors);

// ---- Other modes ----

/// Writes the model in another format. Options of export, `format` foremost. @param path where it was written
YV_API yv_status yv_export(yv_model* model, const yv_option* options, size_t count, char** path, yv_error** error);
/// Measures the model on the dataset of the option `data`. Options of val; as the command it writes a run folder unless
/// `save` and `plots` are False. @param json one object: `results_dict`, `fitness`, `images`, `instances`, `corrupt`,
/// `box`, `classes`, `coco`, `speed`, `confusion_matrix`, `save_dir`, `shard_file`, and by task `seg`, `coco_masks`,
/// `pose`, `coco_keypoints`, `top1`, `top5`
YV_API yv_status yv_val(yv_model* model, const yv_option* options, size_t count, char** json, yv_error** error);
/// Puts the parts together that `shard=i/n` wrote. @param files paths or patterns
YV_API yv_status yv_val_merge(const char* const* files, size_t file_count, const yv_option* options, size_t count,
                              char** json, yv_error** error);
/// Compares the formats of a checkpoint in this process, so that the peak memory is right for the first row only.
/// Options of benchmark. @param json one object: `rows`, `table`, `method`, `data`, `seconds`, `save_dir`
YV_API yv_status yv_benchmark(const char* checkpoint, const yv_option* options, size_t count, char** json,
                              yv_error** error);
/// Compares two ways of running a model. Options of compare, `model` and `source` among them. @param json one object,
/// as `yolo compare save_json=True` prints it
YV_API yv_status yv_compare(const yv_option* options, size_t count, char** json, yv_error** error);
/// What Python would run if it loaded the file, one JSON object, as `yolo info audit=True save_json=True` prints it.
YV_API yv_status yv_audit(const char* path, char** json, yv_error** error);

#ifdef __cplusplus
}
#endif

#endif

// Finds objects in a file, folder, or video: detect MODEL SOURCE
#include <stdio.h>

#include "yolovino/c/yolovino.h"

// [docs]
static int detect(const char* path, const char* source) {
    const yv_option options[] = {{"conf", "0.4"}, {"imgsz", "[384, 640]"}};
    const size_t count = sizeof options / sizeof options[0];
    yv_model* model = NULL;
    yv_predictions* predictions = NULL;
    yv_result* result = NULL;
    yv_error* error = NULL;
    yv_status status = yv_model_open(path, NULL, 0, &model, &error);
    if (status == YV_OK) status = yv_predict_source(model, source, options, count, &predictions, &error);
    while (status == YV_OK && (status = yv_predictions_next(predictions, &result, &error)) == YV_OK && result != NULL) {
        const float* box = yv_result_boxes(result);
        for (size_t i = 0; i < yv_result_count(result); ++i, box += 6)
            printf("%s: %s %.2f\n", yv_result_path(result), yv_result_class_name(result, (size_t)box[5]), box[4]);
        yv_result_free(result);
    }
    if (status != YV_OK) fprintf(stderr, "%s\n", yv_error_message(error));
    yv_error_free(error);
    yv_predictions_free(predictions);
    yv_model_free(model);
    return status;
}
// [/docs]

int main(int argc, char** argv) {
    if (argc != 3) return fprintf(stderr, "usage: %s MODEL SOURCE\n", argv[0]), 2;
    return detect(argv[1], argv[2]) == YV_OK ? 0 : 1;
}

/* Predicts on an image file, first as encoded bytes, then in the background, and prints what was found:
 * predict MODEL IMAGE [KEY=VALUE ...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yolovino/c/yolovino.h"

enum { kMostOptions = 16 };

static int failed(yv_error* error) {
    fprintf(stderr, "%s: %s\n", yv_status_name(yv_error_code(error)), yv_error_message(error));
    yv_error_free(error);
    return 1;
}

static void* read_file(const char* path, size_t* bytes) {
    FILE* file = fopen(path, "rb");
    if (file == NULL) return NULL;
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    void* data = size > 0 ? malloc((size_t)size) : NULL;
    *bytes = data == NULL ? 0 : fread(data, 1, (size_t)size, file);
    fclose(file);
    return data;
}

static void print_boxes(const yv_result* result) {
    const float* box = yv_result_boxes(result);
    for (size_t i = 0; i < yv_result_count(result); ++i, box += 6) {
        const char* name = yv_result_class_name(result, (size_t)box[5]);
        printf("%s %.2f at %.0f,%.0f to %.0f,%.0f\n", name, box[4], box[0], box[1], box[2], box[3]);
    }
}

static int predict(yv_model* model, const void* bytes, size_t size, const yv_option* options, size_t count) {
    yv_error* error = NULL;
    yv_result* result = NULL;
    if (yv_predict_encoded(model, bytes, size, options, count, &result, &error) != YV_OK) return failed(error);
    double inference_ms = 0;
    yv_result_speed(result, NULL, &inference_ms, NULL);
    print_boxes(result);
    printf("%zu objects, inference took %.1f ms\n", yv_result_count(result), inference_ms);
    yv_result_free(result);

    const yv_input input = {.size = sizeof input, .encoded = bytes, .encoded_bytes = size};
    yv_request* request = NULL;
    if (yv_submit(model, &input, options, count, NULL, NULL, &request, &error) != YV_OK) return failed(error);
    const yv_status status = yv_request_wait(request, -1, &result, &error);
    yv_request_free(request);
    if (status != YV_OK) return failed(error);
    printf("%zu objects in the background\n", yv_result_count(result));
    yv_result_free(result);
    return 0;
}

int main(int argc, char** argv) {
    if (argc < 3 || argc > 3 + kMostOptions) {
        fprintf(stderr, "usage: %s MODEL IMAGE [KEY=VALUE ...]\n", argv[0]);
        return 2;
    }
    yv_option options[kMostOptions];
    size_t count = 0;
    for (int i = 3; i < argc; ++i, ++count) {
        char* equals = strchr(argv[i], '=');
        if (equals == NULL) return fprintf(stderr, "'%s' is no KEY=VALUE\n", argv[i]), 2;
        *equals = '\0';
        options[count] = (yv_option){argv[i], equals + 1};
    }
    size_t size = 0;
    void* bytes = read_file(argv[2], &size);
    if (bytes == NULL) return perror(argv[2]), 1;

    yv_error* error = NULL;
    yv_model* model = NULL;
    int status = 1;
    if (yv_model_open(argv[1], NULL, 0, &model, &error) == YV_OK)
        status = predict(model, bytes, size, options, count);
    else
        failed(error);
    yv_model_free(model);
    free(bytes);
    return status;
}

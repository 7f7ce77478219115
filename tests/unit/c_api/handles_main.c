/* Makes and frees handles of each kind over and over; memory must not grow. As a program, for sanitizers to see all of
 * it: c_api_handles MODEL IMAGE TIMES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yolovino/c/yolovino.h"

enum { kPageBytesOfKb = 1024, kAllowedGrowthKb = 32 * 1024, kRareEach = 1000 };

static long resident_kb(void) {
    long total = 0;
    long resident = 0;
    FILE* file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) resident = -1;
    if (file != NULL) fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / kPageBytesOfKb);
}

static int check(int right, const char* what) {
    if (!right) fprintf(stderr, "handles: %s\n", what);
    return right ? 0 : 1;
}

static int make_error(yv_model* model) {
    yv_error* error = NULL;
    const yv_option wrong = {"conf", "2"};
    const yv_status status = yv_model_compile(model, &wrong, 1, &error);
    const int failures = check(status == YV_INVALID_ARGUMENT && strlen(yv_error_message(error)) > 0, "no error");
    yv_error_free(error);
    return failures;
}

static int make_results(const yv_result* result) {
    const size_t chosen[] = {0, yv_result_count(result) - 1};
    yv_result* some = NULL;
    if (yv_result_select(result, chosen, 2, &some, NULL) != YV_OK) return check(0, "no selection");
    int failures = check(yv_result_count(some) == 2, "the selection has other objects");
    yv_result_free(some);
    char* text = yv_result_verbose(result);
    failures += check(text != NULL, "no text");
    yv_string_free(text);
    return failures;
}

/* Slower, so not each time. */
static int make_the_rest(yv_model* model) {
    const yv_input bad = {.size = sizeof bad, .encoded = "x", .encoded_bytes = 1};
    yv_result* failed = NULL;
    int failures = check(yv_predict_batch(model, &bad, 1, NULL, 0, &failed, NULL) == YV_OK, "no batch");
    failures += check(yv_result_status(failed) == YV_UNSUPPORTED_FILE, "a bad image did not fail");
    yv_result_free(failed);
    yv_request* request = NULL;
    failures += check(yv_submit(model, &bad, NULL, 0, NULL, NULL, &request, NULL) == YV_OK, "no request");
    yv_cancel(request);
    yv_request_free(request);
    yv_tracker* tracker = NULL;
    failures += check(yv_tracker_new(model, NULL, 0, &tracker, NULL) == YV_OK, "no tracker");
    yv_tracker_free(tracker);
    char* json = NULL;
    failures += check(yv_options_json("predict", &json, NULL) == YV_OK, "no options");
    yv_string_free(json);
    return failures;
}

static int run(yv_model* model, const yv_result* result, long times) {
    long settled_kb = 0;
    int failures = check(yv_result_count(result) > 1, "too few objects");
    for (long i = 0; i < times && failures == 0; ++i) {
        failures += make_error(model) + make_results(result);
        if (i % kRareEach == 0) failures += make_the_rest(model);
        if (i == times / 4) settled_kb = resident_kb();
    }
    const long growth_kb = resident_kb() - settled_kb;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    failures += check(growth_kb < kAllowedGrowthKb, "memory grew");
#endif
    printf("%ld times, %ld KiB more than after a quarter of them\n", times, growth_kb);
    return failures;
}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    static char image[1 << 20];
    FILE* file = fopen(argv[2], "rb");
    const size_t bytes = file == NULL ? 0 : fread(image, 1, sizeof image, file);
    if (file != NULL) fclose(file);
    const yv_option options[] = {{"device", "cpu"}, {"runtime", "openvino"}, {"precision", "f32"}};
    yv_model* model = NULL;
    yv_result* result = NULL;
    yv_error* error = NULL;
    if (yv_model_open(argv[1], options, 3, &model, &error) != YV_OK ||
        yv_predict_encoded(model, image, bytes, NULL, 0, &result, &error) != YV_OK) {
        fprintf(stderr, "handles: %s\n", yv_error_message(error));
        return 1;
    }
    const int failures = run(model, result, atol(argv[3]));
    yv_result_free(result);
    yv_model_free(model);
    return failures == 0 ? 0 : 1;
}

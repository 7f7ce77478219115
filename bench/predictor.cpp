// What a call of a Predictor costs beyond the inference itself: the same network and image, with and without it.

#include <benchmark/benchmark.h>
#include <memory>

#include "yolovino/yolovino.hpp"

#include "engine/model/loaded_model.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "runtime/session.hpp"
#include "vision/letterbox.hpp"

namespace {

using namespace yolovino;

PredictArgs options() {
    return {.imgsz = ImageSize{32, 32},
            .runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32},
            .verbose = false};
}

/// Of the size of the network's input, so that nothing has to be resized.
Image small_image() {
    Image image(32, 32);
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < 3 * image.width(); ++x) image.row(y)[x] = static_cast<std::uint8_t>(x * y);
    }
    return image;
}

void session_alone(benchmark::State& state) {
    const auto model = engine::open_model(YOLOVINO_SAMPLE);
    const Image image = small_image();
    const runtime::InputShape shape{1, {32, 32}};
    const auto session = model->compiled(engine::runtime_args(*model, options().runtime), shape)->new_session();
    const auto geometry = vision::LetterboxGeometry::fit(image.size(), shape.size);
    for (auto _ : state) {
        vision::letterbox_to_tensor(image, geometry, session->input(shape));
        benchmark::DoNotOptimize(session->infer());
    }
}
BENCHMARK(session_alone)->Unit(benchmark::kMicrosecond)->UseRealTime();

void predictor_call(benchmark::State& state) {
    const Predictor predictor = Model(YOLOVINO_SAMPLE).predictor(options());
    const Image image = small_image();
    for (auto _ : state) benchmark::DoNotOptimize(predictor(image.view()));
}
BENCHMARK(predictor_call)->Unit(benchmark::kMicrosecond)->UseRealTime();

void model_predict(benchmark::State& state) {
    const Model model(YOLOVINO_SAMPLE);
    const Image image = small_image();
    for (auto _ : state) benchmark::DoNotOptimize(model.predict(image.view(), options()));
}
BENCHMARK(model_predict)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace

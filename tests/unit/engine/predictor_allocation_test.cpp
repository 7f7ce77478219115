#include <gtest/gtest.h>
#include <memory>

#include "yolovino/yolovino.hpp"

#include "engine/model/loaded_model.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "runtime/session.hpp"
#include "support/count_allocations.hpp"
#include "support/samples.hpp"
#include "vision/decode.hpp"

namespace yolovino {
namespace {

constexpr int kRounds = 20;

template <typename Body>
std::size_t allocations_of(const Body& body) {
    for (int i = 0; i < kRounds; ++i) body();  // warm
    const std::size_t before = test::allocations();
    for (int i = 0; i < kRounds; ++i) body();
    return test::allocations() - before;
}

TEST(PredictorAllocations, OnOpenVinoItAllocatesItsResultAndWhatTheInferenceNeeds) {
    if (!test::kCountsAllocations) GTEST_SKIP() << "a sanitizer counts allocations itself";
    const PredictArgs args{
        .imgsz = ImageSize{160, 160},
        .runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32, .cache_dir = ""},
        .verbose = false};
    const auto model = engine::open_model(test::kSample);
    const Image image = vision::load_image(YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg");
    const Predictor predictor = Model(test::kSample).predictor(args);
    const ImageSize shape = predictor(image.view()).input_shape;
    ASSERT_FALSE(predictor(image.view()).boxes.empty());

    const auto session = model->compiled(engine::runtime_args(*model, args.runtime), {1, shape})->new_session();
    const std::size_t inference = allocations_of([&] {
        session->input({1, shape});
        session->infer();
    });
    const std::size_t call = allocations_of([&] { predictor(image.view()); });
    // The result: the copy of the pixels (memory and its owner) and the boxes.
    constexpr std::size_t kOfResult = 3;
    EXPECT_LE(call, inference + kRounds * kOfResult);
}

}  // namespace
}  // namespace yolovino

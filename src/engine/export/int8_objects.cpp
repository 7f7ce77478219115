#include "engine/export/int8_objects.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "tasks/decode_args.hpp"
#include "tasks/difference.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

namespace {

constexpr std::size_t kMostImages = 32;

/// Adds values of objects or images that have one; the mean of none is unset.
class Mean {
public:
    void add(const std::optional<double>& value) {
        if (!value) return;
        sum_ += *value;
        ++count_;
    }
    std::optional<double> value() const {
        return count_ == 0 ? std::nullopt : std::optional(sum_ / static_cast<double>(count_));
    }

private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

/// In the order of the images, whichever worker took them.
ObjectDamage mean_of(const std::vector<std::optional<tasks::ResultDifference>>& images) {
    ObjectDamage damage;
    Mean mask_iou;
    Mean keypoint_px;
    Mean angle_deg;
    Mean probability;
    for (const std::optional<tasks::ResultDifference>& each : images) {
        if (!each) continue;
        ++damage.images;
        damage.matched += each->matched.size();
        damage.only_float += each->only_first.size();
        damage.only_int8 += each->only_second.size();
        for (const tasks::ObjectDifference& object : each->matched) {
            mask_iou.add(object.mask_iou);
            keypoint_px.add(object.keypoint_px);
            angle_deg.add(object.angle_deg);
        }
        probability.add(each->probability);
    }
    damage.mask_iou = mask_iou.value();
    damage.keypoint_px = keypoint_px.value();
    damage.angle_deg = angle_deg.value();
    damage.probability = probability.value();
    return damage;
}

}  // namespace

std::optional<ObjectDamage> compare_objects(const std::shared_ptr<const ov::Model>& float_model,
                                            const std::shared_ptr<const ov::Model>& int8_model,
                                            const ObjectComparison& comparison) {
    if (comparison.task.traits().only_boxes) return std::nullopt;
    const runtime::CalibrationInput& input = comparison.input;
    // The input as it is stands for the image.
    const auto geometry = vision::LetterboxGeometry::fit(input.size, input.size);
    const tasks::DecodeArgs args{.form = comparison.form};
    const auto found_in = [&](const tensors::Outputs& outputs) {
        comparison.task.check(outputs, 1, {}, args.form, "quantize");
        Results results;
        results.orig_shape = input.size;
        results.input_shape = input.size;
        comparison.task.decode(outputs, 0, args, geometry, results);
        return results;
    };
    const std::span<const std::size_t> sample = comparison.calibration.sample;
    const auto images = sample.first(std::min(sample.size(), kMostImages));
    std::vector<std::optional<Results>> wanted(images.size());
    runtime::run_images(float_model, input, images,
                        [&](std::size_t i, const tensors::Outputs& outputs) { wanted[i] = found_in(outputs); });
    std::vector<std::optional<tasks::ResultDifference>> differences(images.size());
    runtime::run_images(int8_model, input, images, [&](std::size_t i, const tensors::Outputs& outputs) {
        if (wanted[i]) differences[i] = tasks::difference(*wanted[i], found_in(outputs), args.conf);
    });
    return mean_of(differences);
}

}  // namespace yolovino::engine

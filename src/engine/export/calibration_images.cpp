#include "engine/export/calibration_images.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "data/dataset.hpp"
#include "data/file_source.hpp"
#include "data/image_files.hpp"
#include "data/paths.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFewImages = 100;

std::vector<std::string> all_images(const ExportArgs& args) {
    const fs::path path = args.data;
    const fs::path suffix = path.extension();
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        data::ImageCollection images("data");
        images.add_folder(path);
        return images.take();
    }
    if (suffix == ".yaml" || suffix == ".yml") return data::read_dataset(path, args.split).images;
    return data::find_media(args.data).images;
}

/// How many of the images `fraction` means. At least one, as for Ultralytics.
std::size_t count_of(double fraction, std::size_t images) {
    const double wanted = fraction > 1 ? fraction : std::nearbyint(static_cast<double>(images) * fraction);
    return wanted < static_cast<double>(images) ? std::max<std::size_t>(1, static_cast<std::size_t>(wanted)) : images;
}

}  // namespace

std::vector<std::string> calibration_images(const ExportArgs& args) {
    std::vector<std::string> images = all_images(args);
    if (images.empty()) {
        throw Error(ErrorCode::NotFound, "quantize", "data holds no image", {.file = args.data},
                    "give a dataset YAML or a folder of at least 100 images of the real use");
    }
    images.resize(count_of(args.fraction, images.size()));
    if (images.size() < kFewImages) {
        base::warn("{} images are few to calibrate on: {} or more of the real use give reliable ranges", images.size(),
                   kFewImages);
    }
    return images;
}

CalibrationImages::CalibrationImages(const std::vector<std::string>& files, ImageSize size, const tasks::Task& task,
                                     std::size_t classes)
    : task_(task), files_(files), reported_(files.size(), 0) {
    input_.size = size;
    input_.images = files.size();
    input_.compared = {.box = task.row_layout().box_rows, .scores = classes};
    input_.fill = [this](std::size_t index, std::span<float> tensor) { return fill(index, tensor); };
}

bool CalibrationImages::fill(std::size_t index, std::span<float> tensor) {
    try {
        const Image image = vision::load_image(files_[index]);
        const auto geometry = vision::LetterboxGeometry::fit(image.size(), input_.size);
        task_.write_input(image, geometry, tensor);
        return true;
    } catch (const Error& error) {
        if (!data::is_skippable(error.code())) throw;
        const std::lock_guard lock(mutex_);
        if (reported_[index]++ == 0) base::warn("image skipped: {}", error.what());
        return false;
    }
}

void list_images(const std::vector<std::string>& files, const std::vector<std::size_t>& used, QuantizationInfo& info) {
    std::string hashes;
    for (const std::size_t index : used) {
        info.images.push_back({files[index], base::sha256(base::RandomAccessFile(files[index]))});
        hashes += info.images.back().sha256 + "\n";
    }
    info.images_sha256 = base::sha256(hashes);
    info.unreadable = files.size() - used.size();
}

}  // namespace yolovino::engine

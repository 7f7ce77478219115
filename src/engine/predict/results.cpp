#include "yolovino/results.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "tasks/lookup.hpp"
#include "tasks/selection.hpp"
#include "vision/encode.hpp"

namespace yolovino {

namespace {

const tasks::Task& task_of(const Results& results) {
    return tasks::task_named(results.task);
}

/// A class name as one harmless component of a path.
std::string folder_name(const std::string& name) {
    std::string safe = base::printable(name, 128);
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
    return safe.empty() || safe == "." || safe == ".." ? "_" : safe;
}

void expect_image(const Results& results) {
    if (results.orig_img.empty()) throw Error(ErrorCode::InvalidArgument, "results", "the result has no image");
}

void append_labels(const Results& results, const std::filesystem::path& file, bool save_conf) {
    const std::string lines = task_of(results).label_lines(results, save_conf);
    if (lines.empty()) return;
    std::error_code ignored;
    const bool existed = std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
    const std::uintmax_t before_bytes = std::filesystem::file_size(file, ignored);
    std::ofstream out(file, std::ios::app);
    const bool opened = out.is_open();
    out << lines;
    out.close();
    if (out) return;
    // Earlier lines stay, a part of a line does not.
    if (opened && !existed) std::filesystem::remove(file, ignored);
    if (opened && std::filesystem::is_regular_file(file, ignored))
        std::filesystem::resize_file(file, before_bytes, ignored);
    throw Error(ErrorCode::IoFailure, "results", "cannot write labels", {.file = file.string()},
                "check that there is room on the disk and that you may write there");
}

void write_crops(const Results& results, const std::filesystem::path& folder, const std::string& file_stem) {
    expect_image(results);
    for (const tasks::Crop& crop : task_of(results).crops(results)) {
        const std::filesystem::path parent = folder / folder_name(tasks::class_name(results, crop.cls));
        std::error_code error;
        std::filesystem::create_directories(parent, error);
        if (error)
            throw Error(ErrorCode::IoFailure, "results", "cannot create folder: " + error.message(),
                        {.file = parent.string()});
        std::filesystem::path file = parent / (file_stem + ".jpg");
        for (int i = 2; std::filesystem::exists(file); ++i) file = parent / fmt::format("{}-{}.jpg", file_stem, i);
        const auto encoded = vision::encode_jpeg(crop.image, vision::kJpegQuality, false);
        base::write_file(file, encoded);
    }
}

/// The number with as few digits as make the same float.
double shortest(float value) {
    const std::string text = fmt::format("{}", value);
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string json_line(const Results& results, bool normalize, int decimals) {
    using Json = nlohmann::ordered_json;
    Json line = {{"path", results.path}};
    if (results.frame) line["frame"] = *results.frame;
    if (!results.error.empty()) {
        line["error"] = results.error;
        return line.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    line["shape"] = {results.orig_shape.height, results.orig_shape.width};
    line["input_shape"] = {results.input_shape.height, results.input_shape.width};
    if (results.embedding) {
        Json& values = line["embedding"] = Json::array();
        for (const float value : *results.embedding) values.push_back(shortest(value));
    } else {
        task_of(results).append_json(line, results, normalize, decimals);
    }
    line["speed"] = {{"preprocess", tasks::rounded(results.speed.preprocess, 3)},
                     {"inference", tasks::rounded(results.speed.inference, 3)},
                     {"postprocess", tasks::rounded(results.speed.postprocess, 3)}};
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Results Results::select(std::span<const std::size_t> objects) const {
    return base::api_call("results", [&] {
        const std::size_t count = obb ? obb->size() : boxes.size();
        for (const std::size_t object : objects) {
            if (object < count) continue;
            throw Error(ErrorCode::InvalidArgument, "results",
                        fmt::format("object {} is selected, there are {}", object, count));
        }
        Results part = *this;
        tasks::select(part, objects);
        return part;
    });
}

Image Results::plot(const PlotArgs& args) const {
    return base::api_call("results", [&] {
        expect_image(*this);
        Image copy = orig_img.clone();
        task_of(*this).draw(copy, *this, args);
        return copy;
    });
}

void Results::save(const std::filesystem::path& file, const PlotArgs& args) const {
    base::api_call("results", [&] { vision::save_image(plot(args), file); });
}

bool Results::is_track() const noexcept {
    const auto has_id = [](const auto& object) { return object.id.has_value(); };
    return std::ranges::any_of(boxes, has_id) || (obb && std::ranges::any_of(*obb, has_id));
}

std::string Results::verbose() const {
    return base::api_call("results", [&] {
        return embedding ? fmt::format("embedding of {} values, ", embedding->size()) : task_of(*this).summary(*this);
    });
}

void Results::save_txt(const std::filesystem::path& file, bool save_conf) const {
    base::api_call("results", [&] { append_labels(*this, file, save_conf); });
}

void Results::save_crop(const std::filesystem::path& folder, const std::string& file_stem) const {
    base::api_call("results", [&] { write_crops(*this, folder, file_stem); });
}

std::string Results::to_json(bool normalize, int decimals) const {
    return base::api_call("results", [&] { return json_line(*this, normalize, decimals); });
}

}  // namespace yolovino

#include "yolovino/results.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "engine/label_lines.hpp"
#include "vision/decode.hpp"
#include "vision/draw.hpp"

namespace yolovino {

namespace {

std::string class_name(const Results& results, int cls) {
    const bool named = results.names && cls >= 0 && static_cast<std::size_t>(cls) < results.names->size();
    return named ? (*results.names)[static_cast<std::size_t>(cls)] : fmt::format("class{}", cls);
}

/// A class name as one harmless component of a path.
std::string folder_name(const std::string& name) {
    std::string safe = base::printable(name, 128);
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '/' || c == '\\'; }, '_');
    return safe.empty() || safe == "." || safe == ".." ? "_" : safe;
}

void expect_picture(const Results& results) {
    if (results.orig_img.empty()) throw Error(ErrorCode::InvalidArgument, "results", "the result carries no picture");
}

double rounded(double value, int decimals) {
    const double scale = std::pow(10.0, decimals);
    return std::nearbyint(value * scale) / scale;
}

}  // namespace

std::string engine::label_lines(const Results& results, bool save_conf) {
    std::string text;
    const auto width = static_cast<float>(results.orig_shape.width);
    const auto height = static_cast<float>(results.orig_shape.height);
    for (const Box& box : results.boxes) {
        text += fmt::format("{} {:g} {:g} {:g} {:g}", box.cls, (box.x1 + box.x2) / 2 / width,
                            (box.y1 + box.y2) / 2 / height, (box.x2 - box.x1) / width, (box.y2 - box.y1) / height);
        if (save_conf) text += fmt::format(" {:g}", box.conf);
        text += '\n';
    }
    return text;
}

void engine::write_labels(const Results& results, const std::filesystem::path& file, bool save_conf,
                          base::Leftovers leftovers) {
    if (!results.boxes.empty()) return base::write_text_file(file, label_lines(results, save_conf), leftovers);
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error)
        throw Error(ErrorCode::IoFailure, "results", "cannot remove the labels of before: " + error.message(),
                    {.file = file.string()});
}

Image Results::plot(const PlotArgs& args) const {
    expect_picture(*this);
    Image copy = orig_img.clone();
    static const ClassNames kNone;
    vision::draw_detections(copy, boxes, names ? *names : kNone, args);
    return copy;
}

void Results::save(const std::filesystem::path& file, const PlotArgs& args) const {
    vision::save_image(plot(args), file);
}

std::string Results::verbose() const {
    if (boxes.empty()) return "(no detections), ";
    std::map<int, int> counts;
    for (const Box& box : boxes) ++counts[box.cls];
    std::string text;
    for (const auto& [cls, count] : counts) {
        text += fmt::format("{} {}{}, ", count, base::printable(class_name(*this, cls)), count > 1 ? "s" : "");
    }
    return text;
}

void Results::save_txt(const std::filesystem::path& file, bool save_conf) const {
    if (boxes.empty()) return;
    std::error_code absent;
    const std::uintmax_t before_bytes = std::filesystem::file_size(file, absent);
    std::ofstream out(file, std::ios::app);
    const bool opened = out.is_open();
    out << engine::label_lines(*this, save_conf);
    out.close();
    if (out) return;
    // Lines of before stay, a part of a line does not.
    std::error_code ignored;
    if (opened && absent) std::filesystem::remove(file, ignored);
    if (opened && !absent) std::filesystem::resize_file(file, before_bytes, ignored);
    throw Error(ErrorCode::IoFailure, "results", "cannot write labels", {.file = file.string()},
                "check that there is room on the disk and that you may write there");
}

void Results::save_crop(const std::filesystem::path& folder, const std::string& file_stem) const {
    constexpr float kGain = 1.02F;
    constexpr float kPadPx = 10;
    expect_picture(*this);
    for (const Box& box : boxes) {
        const float cx = (box.x1 + box.x2) / 2;
        const float cy = (box.y1 + box.y2) / 2;
        const float half_w = ((box.x2 - box.x1) * kGain + kPadPx) / 2;
        const float half_h = ((box.y2 - box.y1) * kGain + kPadPx) / 2;
        const int left = std::clamp(static_cast<int>(cx - half_w), 0, orig_shape.width);
        const int top = std::clamp(static_cast<int>(cy - half_h), 0, orig_shape.height);
        const int right = std::clamp(static_cast<int>(cx + half_w), 0, orig_shape.width);
        const int bottom = std::clamp(static_cast<int>(cy + half_h), 0, orig_shape.height);
        if (right <= left || bottom <= top) continue;
        const Image crop(ImageView{orig_img.row(top) + 3 * static_cast<std::size_t>(left), bottom - top, right - left,
                                   orig_img.stride_bytes(), PixelFormat::Bgr});
        const std::filesystem::path parent = folder / folder_name(class_name(*this, box.cls));
        std::error_code error;
        std::filesystem::create_directories(parent, error);
        if (error)
            throw Error(ErrorCode::IoFailure, "results", "cannot create folder: " + error.message(),
                        {.file = parent.string()});
        std::filesystem::path file = parent / (file_stem + ".jpg");
        for (int i = 2; std::filesystem::exists(file); ++i) file = parent / fmt::format("{}-{}.jpg", file_stem, i);
        const auto encoded = vision::encode_jpeg(crop, vision::kJpegQuality, false);
        base::write_file(file, encoded);
    }
}

std::string Results::to_json(bool normalize, int decimals) const {
    using Json = nlohmann::ordered_json;
    const double width = normalize ? orig_shape.width : 1;
    const double height = normalize ? orig_shape.height : 1;
    Json detections = Json::array();
    for (const Box& box : boxes) {
        detections.push_back({{"name", class_name(*this, box.cls)},
                              {"class", box.cls},
                              {"confidence", rounded(static_cast<double>(box.conf), decimals)},
                              {"box",
                               {{"x1", rounded(static_cast<double>(box.x1) / width, decimals)},
                                {"y1", rounded(static_cast<double>(box.y1) / height, decimals)},
                                {"x2", rounded(static_cast<double>(box.x2) / width, decimals)},
                                {"y2", rounded(static_cast<double>(box.y2) / height, decimals)}}}});
    }
    Json line = {{"path", path}};
    if (frame) line["frame"] = *frame;
    line["shape"] = {orig_shape.height, orig_shape.width};
    line["input_shape"] = {input_shape.height, input_shape.width};
    line["detections"] = std::move(detections);
    line["speed"] = {{"preprocess", rounded(speed.preprocess, 3)},
                     {"inference", rounded(speed.inference, 3)},
                     {"postprocess", rounded(speed.postprocess, 3)}};
    return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace yolovino

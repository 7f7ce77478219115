#include "engine/result_saver.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/run_folder.hpp"
#include "vision/decode.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr double kStreamFps = 30;  // where a source does not say, as Ultralytics assumes

bool writes_files(const PredictArgs& args) {
    return args.save || args.save_txt || args.save_crop || args.save_frames || args.save_json;
}

}  // namespace

bool ResultSaver::is_needed(const PredictArgs& args) {
    return writes_files(args) || args.show;
}

ResultSaver::ResultSaver(const PredictArgs& args, const std::string& task) : args_(args), writes_(writes_files(args)) {
    if (!writes_) return;
    folder_ = data::make_run_folder(task, "predict", args.project, args.name, args.exist_ok);
    if (args.save_txt) fs::create_directories(folder_ / "labels");
    if (args.save_json) json_.open(folder_ / "predictions.jsonl");
}

std::string ResultSaver::stem(const data::Frame& frame) const {
    std::string stem = fs::path(frame.path).stem().string();
    // The path of a stream is a URL or a number: only its harmless characters may become part of a file name.
    std::replace_if(
        stem.begin(), stem.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '?' || c == '*' || c == ':'; }, '_');
    return stem.empty() || stem == "." || stem == ".." ? "stream" : stem;
}

void ResultSaver::save_picture(const Image& picture, const data::Frame& frame) {
    if (frame.kind == data::SourceKind::Image) {
        vision::save_image(picture, folder_ / (stem(frame) + ".jpg"));
        return;
    }
    if (!videos_.contains(frame.path)) {
        // Videos come one after the other, streams side by side.
        if (frame.kind == data::SourceKind::Video) close();
        const bool live = frame.kind == data::SourceKind::Stream || frame.fps < 1;
        const double fps = live ? kStreamFps : static_cast<int>(frame.fps);
        auto writer = vision::media().create_video(folder_ / (stem(frame) + ".avi"), fps, picture.size());
        videos_[frame.path] = std::move(writer);
    }
    videos_[frame.path]->write(picture);
}

bool ResultSaver::save(const Results& results, const data::Frame& frame) {
    const bool moving = frame.kind != data::SourceKind::Image;
    const std::string text_stem = moving ? fmt::format("{}_{}", stem(frame), frame.frame) : stem(frame);
    if (args_.save_txt) {
        results.save_txt(folder_ / "labels" / (text_stem + ".txt"), args_.save_conf);
        labels_ += results.boxes.empty() ? 0 : 1;
    }
    if (args_.save_crop) results.save_crop(folder_ / "crops", text_stem);
    if (args_.save_json) {
        json_ << results.to_json() << '\n';
        if (!json_)
            throw Error(ErrorCode::IoFailure, "predict", "cannot write",
                        {.file = (folder_ / "predictions.jsonl").string()});
    }
    const bool frames = args_.save_frames && moving;
    if (!args_.save && !args_.show && !frames) return true;
    const Image picture = results.plot({.conf = args_.show_conf,
                                        .labels = args_.show_labels,
                                        .boxes = args_.show_boxes,
                                        .line_width = args_.line_width});
    if (args_.save) save_picture(picture, frame);
    if (frames) {
        const fs::path folder = folder_ / (stem(frame) + "_frames");
        fs::create_directories(folder);
        vision::save_image(picture, folder / fmt::format("{}_{}.jpg", stem(frame), frame.frame));
    }
    if (!args_.show) return true;
    constexpr int kImageWaitMs = 300;
    return vision::media().show(frame.path, picture, moving ? 1 : kImageWaitMs) != 'q';
}

void ResultSaver::close() {
    for (const auto& [path, video] : videos_) {
        video->close();
    }
    videos_.clear();
}

void ResultSaver::log() const {
    if (!writes_) return;
    base::info("Results saved to {}", folder_.string());
    if (args_.save_txt)
        base::info("{} label{} saved to {}", labels_, labels_ == 1 ? "" : "s", (folder_ / "labels").string());
}

}  // namespace yolovino::engine

#include "engine/predict/result_saver.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/location.hpp"
#include "data/run_folder.hpp"
#include "engine/predict/label_files.hpp"
#include "vision/encode.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kJsonFile = "predictions.jsonl";
constexpr double kStreamFps = 30;  // where a source does not say, as Ultralytics assumes

bool writes_files(const PredictArgs& args) {
    return args.save || args.save_txt || args.save_crop || args.save_frames || args.save_json || args.visualize;
}

/// The name of results: of a file its own, so that labels pair with images, but for control characters. A stream is
/// no file: of its URL or number only harmless characters become part of a name.
std::string plain_stem(const std::string& path) {
    const bool is_stream = data::is_camera(path) || (data::is_url(path) && !data::is_http(path));
    std::string stem = fs::path(data::is_http(path) ? data::url_file_name(path) : path).stem().string();
    std::replace_if(
        stem.begin(), stem.end(),
        [&](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
                   (is_stream && (c == '?' || c == '*' || c == ':'));
        },
        '_');
    const bool nameless = stem.empty() || (is_stream && (stem == "." || stem == ".."));
    return nameless ? "stream" : stem;
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw Error(ErrorCode::IoFailure, "predict", "cannot create folder: " + error.message(),
                    {.file = folder.string()});
}

}  // namespace

bool ResultSaver::is_needed(const PredictArgs& args) {
    return writes_files(args) || args.show;
}

ResultSaver::ResultSaver(const PredictArgs& args, const std::string& run_folder, const PredictMode& mode)
    : args_(args), writes_(writes_files(args)) {
    if (!writes_) return;
    folder_ = data::make_run_folder(run_folder, mode.name, args.project, args.name, args.exist_ok);
    if (!args.save_txt) return;
    make_folder(folder_ / "labels");
    std::error_code unreadable;
    if (fs::is_empty(folder_ / "labels", unreadable)) label_leftovers_ = base::Leftovers::None;
}

/// The name of an item's files without suffix: of several with one name, the later are numbered as Ultralytics does.
std::string ResultSaver::stem_of(const data::Frame& frame) {
    const bool moving = frame.kind != data::SourceKind::Image;
    if (const auto known = stems_.find(frame.item); moving && known != stems_.end()) return known->second;
    const std::string stem = plain_stem(frame.path);
    std::string name = stem;
    for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}-{}", stem, i);
    if (moving) stems_[frame.item] = name;
    return name;
}

void ResultSaver::save_annotated(const Image& image, const data::Frame& frame, const std::string& stem) {
    if (frame.kind == data::SourceKind::Image) {
        vision::save_image(image, folder_ / (stem + ".jpg"));
        return;
    }
    // Videos come one after the other, streams side by side.
    if (frame.kind == data::SourceKind::Video && !videos_.contains(frame.item)) close_videos();
    Video& video = videos_[frame.item];
    if (!video.file)
        video.file = std::make_unique<base::PendingPath>(folder_ / (stem + ".avi"), base::PendingPath::Kind::File);
    try {
        if (!video.writer) {
            const bool live = frame.kind == data::SourceKind::Stream || frame.fps < 1;
            // Frames that are left out do not shorten the video.
            const double fps = std::max(1.0, (live ? kStreamFps : frame.fps) / args_.vid_stride);
            video.writer = vision::media().create_video(video.file->path(), fps, image.size());
        }
        vision::write_frame(*video.writer, image);
    } catch (const Error& error) {
        const Error named = video.file->named(error, "video");
        videos_.erase(frame.item);
        throw named;
    }
}

/// Others may follow the file while it grows, so it has its name from the first line on.
void ResultSaver::save_json(const Results& results) {
    if (!json_.is_open()) json_.open(folder_ / kJsonFile);
    const std::string line = results.to_json() + '\n';
    json_ << line << std::flush;
    if (!json_) close_json();
    json_bytes_ += line.size();
}

/// Each frame of a video gets a file of its own: of one name, the later ones are numbered.
void ResultSaver::save_activation_map(const Image& image, const data::Frame& frame) {
    const std::string stem = plain_stem(frame.path) + "_cam";
    int& number = activation_maps_[stem];
    fs::path file;
    do {
        ++number;
        file = folder_ / (number == 1 ? stem + ".jpg" : fmt::format("{}-{}.jpg", stem, number));
    } while (fs::exists(file));
    vision::save_image(image, file);
    if (args_.verbose) base::info("Saving {}... (LayerCAM)", base::printable(file.string(), 4096));
}

bool ResultSaver::save(const Results& results, const data::Frame& frame) {
    const bool moving = frame.kind != data::SourceKind::Image;
    // A pipe of JSON lines has no end: it keeps no names.
    const bool named = args_.save || args_.save_txt || args_.save_crop || args_.save_frames;
    const std::string stem = named ? stem_of(frame) : std::string();
    // As Ultralytics, which counts frames of videos from 1 and those of streams from 0.
    const std::int64_t number = frame.frame - (frame.kind == data::SourceKind::Stream ? 1 : 0);
    const std::string text_stem = moving ? fmt::format("{}_{}", stem, number) : stem;
    if (args_.save_txt) {
        const fs::path file = folder_ / "labels" / (text_stem + ".txt");
        labels_ += write_labels(results, file, args_.save_conf, label_leftovers_) ? 1 : 0;
    }
    if (args_.save_crop) results.save_crop(folder_ / "crops", text_stem);
    if (args_.save_json) save_json(results);
    const bool frames = args_.save_frames && moving;
    if (!args_.save && !args_.show && !frames) return true;
    const Image image = results.plot({.conf = args_.show_conf,
                                      .labels = args_.show_labels,
                                      .boxes = args_.show_boxes,
                                      .line_width = args_.line_width});
    if (args_.save) save_annotated(image, frame, stem);
    if (frames) {
        const fs::path folder = folder_ / (stem + "_frames");
        make_folder(folder);
        vision::save_image(image, folder / fmt::format("{}_{}.jpg", stem, frame.frame));
    }
    return !args_.show || show(image, frame);
}

/// False if the user asked to stop. Without a screen the run goes on and its files are written.
bool ResultSaver::show(const Image& image, const data::Frame& frame) {
    constexpr int kImageWaitMs = 300;
    if (show_failed_) return true;
    try {
        return vision::media().show(frame.path, image, frame.kind == data::SourceKind::Image ? kImageWaitMs : 1) != 'q';
    } catch (const Error& error) {
        show_failed_ = true;
        base::warn("show=True has no effect: {}", error.what());
        return true;
    }
}

void ResultSaver::close_videos() {
    while (!videos_.empty()) {
        const auto node = videos_.extract(videos_.begin());
        Video& video = node.mapped();
        try {
            video.writer->close();
        } catch (const Error& error) {
            throw video.file->named(error, "video");
        }
        video.writer.reset();
        video.file->commit();
    }
}

void ResultSaver::close_json() {
    const fs::path file = folder_ / kJsonFile;
    const bool opened = json_.is_open();
    json_.close();
    if (json_) return;
    // Without room the lines before stay, and no part of one.
    std::error_code error;
    if (opened && json_bytes_ == 0) fs::remove(file, error);
    if (opened && json_bytes_ > 0) fs::resize_file(file, json_bytes_, error);
    throw Error(ErrorCode::IoFailure, "predict", "cannot write", {.file = file.string()},
                "check that there is room on the disk and that you may write there");
}

void ResultSaver::close() {
    close_videos();
    if (json_.is_open()) close_json();
}

void ResultSaver::log() const {
    if (!writes_) return;
    base::info("Results saved to {}", folder_.string());
    if (args_.save_txt)
        base::info("{} label{} saved to {}", labels_, labels_ == 1 ? "" : "s", (folder_ / "labels").string());
}

}  // namespace yolovino::engine

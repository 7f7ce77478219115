#pragma once

#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/log.hpp"

#include "base/file.hpp"
#include "data/open_source.hpp"
#include "support/shared.hpp"
#include "vision/encode.hpp"
#include "vision/media.hpp"

namespace yolovino::test {

/// An image of one value.
inline Image plain_image(int value, int height = 8, int width = 8) {
    Image image(height, width);
    std::memset(image.data(), value, image.size_bytes());
    return image;
}

inline std::string write_image(const std::filesystem::path& path, int value, int height = 8, int width = 8) {
    std::filesystem::create_directories(path.parent_path());
    // PNG under every name: kinds are recognised by content.
    const auto bytes = vision::encode_png(plain_image(value, height, width));
    base::write_file(path, bytes);
    return path.string();
}

/// A Motion JPEG of plain frames with the values 10, 20, 30, …
inline std::string write_film(const std::filesystem::path& path, int frames, double fps = 25) {
    const auto writer = vision::media().create_video(path, fps, {48, 64});
    for (int i = 1; i <= frames; ++i) vision::write_frame(*writer, plain_image(10 * i, 48, 64));
    writer->close();
    return path.string();
}

/// Which of the values of write_film() a frame shows.
inline int film_step(const Image& image) {
    return (image.row(image.height() / 2)[image.width()] + 5) / 10;
}

inline std::optional<Error> error_of(const std::string& source, const data::SourceArgs& args = {}) {
    try {
        const auto opened = data::open_source(source, args);
        while (!opened->next(4).empty()) continue;
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

/// Expects that opening and reading a source fails with a code and a line that holds the words.
inline void expect_error(const std::string& source, ErrorCode code, const std::vector<std::string>& words,
                         const data::SourceArgs& args = {}) {
    const std::optional<Error> error = error_of(source, args);
    ASSERT_TRUE(error.has_value()) << source;
    EXPECT_EQ(to_string(error->code()), to_string(code)) << error->what();
    for (const std::string& word : words)
        EXPECT_NE(std::string(error->what()).find(word), std::string::npos) << word << " in " << error->what();
}

inline std::vector<data::Frame> read_all(data::FrameSource& source, std::size_t batch) {
    std::vector<data::Frame> all;
    for (auto frames = source.next(batch); !frames.empty(); frames = source.next(batch)) {
        EXPECT_LE(frames.size(), std::max(batch, source.stream_count()));
        for (auto& frame : frames) all.push_back(std::move(frame));
    }
    return all;
}

/// File names of all frames of a source.
inline std::vector<std::string> names_of(const std::string& source) {
    std::vector<std::string> names;
    const auto opened = data::open_source(source, {});
    for (const auto& frame : read_all(*opened, 3))
        names.push_back(std::filesystem::path(frame.path).filename().string());
    return names;
}

/// The log lines while it lives.
class LogCapture {
public:
    LogCapture() {
        set_log_sink([this](LogLevel level, std::string_view line) {
            const std::lock_guard lock(mutex_);
            if (level == LogLevel::Warning) warnings_.emplace_back(line);
            if (level == LogLevel::Info) infos_.emplace_back(line);
        });
    }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture() { set_log_sink({}); }
    std::vector<std::string> warnings() const {
        const std::lock_guard lock(mutex_);
        return warnings_;
    }
    std::vector<std::string> infos() const {
        const std::lock_guard lock(mutex_);
        return infos_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> warnings_;
    std::vector<std::string> infos_;
};

/// Another working folder while it lives.
class WorkingFolder {
public:
    explicit WorkingFolder(const std::filesystem::path& path) : before_(std::filesystem::current_path()) {
        std::filesystem::current_path(path);
    }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;
    ~WorkingFolder() { std::filesystem::current_path(before_); }

private:
    std::filesystem::path before_;
};

}  // namespace yolovino::test

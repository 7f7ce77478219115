#include "engine/result_saver.hpp"

#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>

#include "yolovino/error.hpp"

#include "support/shared.hpp"
#include "vision/media.hpp"

namespace yolovino::engine {
namespace {

namespace fs = std::filesystem;

/// No file may grow beyond so many bytes while it lives, as if the disk were full.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_ = {};
    void (*handler_)(int);
};

class Saver : public testing::Test {
protected:
    PredictArgs args() const {
        PredictArgs args{.verbose = false};
        args.project = folder_.path().string();
        args.exist_ok = true;
        return args;
    }
    /// A video frame of noise, which JPEG cannot make small.
    static Results results() {
        std::mt19937 noise(1);
        Results results;
        results.orig_img = Image(96, 96);
        for (std::size_t i = 0; i < results.orig_img.size_bytes(); ++i)
            results.orig_img.data()[i] = static_cast<std::uint8_t>(noise());
        results.orig_shape = {96, 96};
        results.path = "v10.mp4";
        results.names = std::make_shared<const ClassNames>(ClassNames{"person"});
        results.boxes = {{20, 10, 60, 50, 0.9F, 0}};
        return results;
    }
    static data::Frame frame(std::int64_t number) {
        data::Frame frame;
        frame.path = "v10.mp4";
        frame.kind = data::SourceKind::Video;
        frame.item = frame.items = 1;
        frame.frame = number;
        frame.fps = 25;
        return frame;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder_.path() / "predict"))
            names.push_back(entry.path().filename().string());
        return names;
    }
    test::TempFolder folder_;
};

TEST_F(Saver, TwoRunsMayWriteTheSameVideo) {
    PredictArgs wanted = args();
    wanted.save = true;
    ResultSaver first(wanted, "detect");
    ResultSaver second(wanted, "detect");
    for (ResultSaver* saver : {&first, &second, &first}) saver->save(results(), frame(1));
    first.close();
    second.close();
    EXPECT_EQ(files(), std::vector<std::string>{"v10.avi"});
    const auto video = vision::media().open_video((folder_.path() / "predict/v10.avi").string());
    EXPECT_EQ(video->frame_count(), 1) << "of the run that ended last";
}

TEST_F(Saver, AFullDiskLeavesNoPartOfAVideo) {
    PredictArgs wanted = args();
    wanted.save = true;
    ResultSaver saver(wanted, "detect");
    std::string problem;
    {
        const FullDisk full(40'000);
        try {
            for (int i = 1; i < 1000; ++i) saver.save(results(), frame(i));
            saver.close();
        } catch (const Error& error) {
            problem = error.what();
        }
    }
    EXPECT_NE(problem.find("/v10.avi)"), std::string::npos) << problem;
    EXPECT_NE(problem.find("room on the disk"), std::string::npos) << problem;
    EXPECT_EQ(files(), std::vector<std::string>());
    EXPECT_NO_THROW(saver.close());
}

TEST_F(Saver, AFullDiskLeavesWholeLines) {
    PredictArgs wanted = args();
    wanted.save_json = true;
    const std::string line = results().to_json() + "\n";
    for (const std::size_t room : {line.size() / 2, 2 * line.size() + 5}) {
        ResultSaver saver(wanted, "detect");
        EXPECT_EQ(files(), std::vector<std::string>()) << "nothing before the first line";
        {
            const FullDisk full(room);
            EXPECT_THROW(for (int i = 1; i < 9; ++i) saver.save(results(), frame(i)), Error);
        }
        EXPECT_NO_THROW(saver.close());
        const fs::path file = folder_.path() / "predict/predictions.jsonl";
        EXPECT_EQ(fs::exists(file), room > line.size());
        if (room < line.size()) continue;
        EXPECT_EQ(base::read_text_file(file, 1U << 20U), line + line);
    }
}

}  // namespace
}  // namespace yolovino::engine

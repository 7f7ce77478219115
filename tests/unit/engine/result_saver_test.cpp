#include "engine/predict/result_saver.hpp"

#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>

#include "yolovino/error.hpp"

#include "base/file.hpp"
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

TEST_F(Saver, LabelFilesCountVideosFromOneAndStreamsFromZero) {
    PredictArgs wanted = args();
    wanted.save_txt = true;
    ResultSaver saver(wanted, "detect");
    for (const data::SourceKind kind : {data::SourceKind::Video, data::SourceKind::Stream}) {
        data::Frame first = frame(1);
        first.kind = kind;
        saver.save(results(), first);
        const char* name = kind == data::SourceKind::Video ? "v10_1.txt" : "v10_0.txt";
        EXPECT_TRUE(fs::exists(folder_.path() / "predict/labels" / name)) << name;
    }
}

TEST_F(Saver, AFullDiskKeepsTheLabelsOfThePreviousRun) {
    PredictArgs wanted = args();
    wanted.save_txt = true;
    Results many = results();
    many.boxes.assign(100, many.boxes.front());
    const fs::path labels = folder_.path() / "predict/labels";
    ResultSaver(wanted, "detect").save(results(), frame(1));
    const std::string before = base::read_text_file(labels / "v10_1.txt", 1000);
    EXPECT_FALSE(before.empty());
    {
        const FullDisk full(1024);
        for (const int number : {1, 2}) {
            try {
                ResultSaver(wanted, "detect").save(many, frame(number));
                ADD_FAILURE() << "frame " << number;
            } catch (const Error& error) {
                EXPECT_NE(std::string(error.what()).find("room on the disk"), std::string::npos) << error.what();
            }
        }
    }
    EXPECT_EQ(base::read_text_file(labels / "v10_1.txt", 10000), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(labels), fs::directory_iterator()), 1) << "no part of a new file";
    ResultSaver(wanted, "detect").save(many, frame(1));
    EXPECT_EQ(base::read_text_file(labels / "v10_1.txt", 10000).size(), 100 * before.size()) << "replaced";
    Results none = results();
    none.boxes.clear();
    ResultSaver(wanted, "detect").save(none, frame(1));
    EXPECT_TRUE(fs::is_empty(labels)) << "no labels of an earlier run stay for an image without detections";
}

TEST_F(Saver, AFullDiskLeavesTheLinesToWhichLabelsAreAppended) {
    Results many = results();
    many.boxes.assign(100, many.boxes.front());
    const fs::path file = folder_.path() / "a.txt";
    results().save_txt(file);
    const std::string before = base::read_text_file(file, 1000);
    {
        const FullDisk full(1024);
        EXPECT_THROW(many.save_txt(file), Error);
        EXPECT_THROW(many.save_txt(folder_.path() / "b.txt"), Error);
    }
    EXPECT_EQ(base::read_text_file(file, 10000), before);
    EXPECT_FALSE(fs::exists(folder_.path() / "b.txt"));
    results().save_txt(file);
    EXPECT_EQ(base::read_text_file(file, 10000), before + before);
}

}  // namespace
}  // namespace yolovino::engine

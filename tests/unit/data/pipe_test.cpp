#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "data/pipe_reader.hpp"
#include "data/pipe_source.hpp"

namespace yolovino::data {
namespace {

using namespace std::string_literals;

const std::filesystem::path kImages = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val";

/// Both ends of a pipe.
class Pipe {
public:
    Pipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close();
        ::close(ends_[0]);
    }
    void write(const std::string& text) const {
        std::string_view rest = text;
        while (!rest.empty()) {
            const ssize_t count = ::write(ends_[1], rest.data(), rest.size());
            ASSERT_GT(count, 0);
            rest.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void close() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }
    int descriptor() const { return ends_[0]; }

private:
    int ends_[2] = {-1, -1};
};

std::string sized(const std::string& bytes) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((bytes.size() >> shift) & 0xFFU);
    return out + bytes;
}

std::string netstring(const std::string& bytes) {
    return std::to_string(bytes.size()) + ":" + bytes + ",";
}

std::string image_bytes() {
    for (const auto& entry : std::filesystem::directory_iterator(kImages))
        return base::read_text_file(entry.path(), 1U << 20U);
    return {};
}

/// `name=bytes` of each record, `name` where it is a location; `!message` for what ends the reading.
std::vector<std::string> records(const std::string& input, Framing framing = Framing::Auto) {
    Pipe pipe;
    std::thread writer([&] {
        pipe.write(input);
        pipe.close();
    });
    std::vector<std::string> out;
    try {
        PipeReader reader(pipe.descriptor(), framing);
        while (std::optional<PipeRecord> record = reader.next())
            out.push_back(record->is_location ? record->name
                                              : record->name + "=" + std::string(base::as_text(record->encoded)));
    } catch (const Error& error) {
        out.push_back("!"s + error.what());
    }
    writer.join();
    return out;
}

using Strings = std::vector<std::string>;

TEST(PipeReader, LinesArePathsAndUrls) {
    EXPECT_EQ(records("a.jpg\n\nhttp://host/b c.jpg\r\n12.png\n-x.jpg\nlast"),
              (Strings{"a.jpg", "http://host/b c.jpg", "12.png", "-x.jpg", "last"}));
    EXPECT_EQ(records("12\n"), Strings{"12"});
    EXPECT_EQ(records("5:a.jpg\n", Framing::Lines), Strings{"5:a.jpg"});
    EXPECT_EQ(records(""), Strings{});
}

TEST(PipeReader, LengthsAreFourBytesBigEndian) {
    EXPECT_EQ(records(sized("abc") + sized("") + sized("de")),
              (Strings{"image0.jpg=abc", "image1.jpg=", "image2.jpg=de"}));
    const std::string large(70'000, 'x');
    EXPECT_EQ(records(sized(large) + sized(large)), (Strings{"image0.jpg=" + large, "image1.jpg=" + large}));
}

TEST(PipeReader, ALengthOfMinusOneIsAMessageWithoutContent) {
    EXPECT_EQ(records("\xFF\xFF\xFF\xFF"s + sized("abc")), (Strings{"image0.jpg=", "image1.jpg=abc"}));
}

TEST(PipeReader, NetstringsAreKeysAndImages) {
    EXPECT_EQ(records(netstring("k1") + netstring("abc") + netstring("k:2") + netstring("")),
              (Strings{"k1=abc", "k:2="}));
    EXPECT_EQ(records("-1:,3:abc,\n0:,-1:,"), (Strings{"image0.jpg=abc", "image1.jpg="}));
}

TEST(PipeReader, AnImageFileIsOneRecord) {
    EXPECT_EQ(records("\xFF\xD8\xFF\xE0 rest"), Strings{"image0.jpg=\xFF\xD8\xFF\xE0 rest"});
    EXPECT_EQ(records("\x89PNG rest"), Strings{"image0.jpg=\x89PNG rest"});
    EXPECT_EQ(records("BM rest", Framing::Whole), Strings{"image0.jpg=BM rest"});
}

TEST(PipeReader, WhatIsNoRecordEndsTheReading) {
    const auto problem = [](const std::string& input, Framing framing = Framing::Auto) {
        return records(input, framing).back();
    };
    EXPECT_NE(problem(sized("abc") + "\0\0"s).find("ends within a length of 4 bytes (record 2)"), std::string::npos);
    EXPECT_NE(problem(sized("abcdef").substr(0, 7)).find("ends after 3 of the 6 bytes"), std::string::npos);
    EXPECT_NE(problem("\x7F\x45\x4C\x46rest", Framing::Length).find("declares 2135247942 bytes"), std::string::npos);
    EXPECT_NE(problem("1:k,5:abc").find("ends after 3 of the 5 bytes of the image"), std::string::npos);
    EXPECT_NE(problem("1:k,3:abcd").find("no comma follows the image"), std::string::npos);
    EXPECT_NE(problem("1:k,x:abc,").find("begins with 'x:'"), std::string::npos);
    EXPECT_NE(problem("1:k,9999999999999:a").find("wanted its length and a colon"), std::string::npos);
    EXPECT_NE(problem("1:k,9999999999:a").find("declares 9999999999 bytes"), std::string::npos);
    EXPECT_NE(problem("70000:k,").find("the key declares 70000 bytes"), std::string::npos);
    EXPECT_NE(problem(std::string(70'000, 'a')).find("a line is longer than 65536 bytes"), std::string::npos);
    EXPECT_THROW(parse_framing("xml"), Error);
}

TEST(PipeReader, AnswersBeforeTheNextRecordCame) {
    const Pipe pipe;
    PipeReader reader(pipe.descriptor(), Framing::Auto);
    pipe.write("a\n");
    EXPECT_EQ(reader.next()->name, "a");
    pipe.write("b\n");
    EXPECT_EQ(reader.next()->name, "b");
    std::thread other([&] { reader.interrupt(); });
    EXPECT_FALSE(reader.next());
    other.join();
}

TEST(PipeSource, BadImagesAreFramesWithTheirFailureInOrder) {
    const std::string image = image_bytes();
    ASSERT_FALSE(image.empty());
    Pipe pipe;
    PipeSource source(pipe.descriptor(), {.report_failures = true});
    pipe.write(sized(image) + sized("no image") + sized("") + sized(image));
    pipe.close();
    std::vector<Frame> frames;
    for (std::vector<Frame> some = source.next(3); !some.empty(); some = source.next(3))
        for (Frame& each : some) frames.push_back(std::move(each));
    ASSERT_EQ(frames.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(frames[i].path, "image" + std::to_string(i) + ".jpg");
        EXPECT_EQ(frames[i].item, i + 1);
        EXPECT_EQ(frames[i].failure.has_value(), i == 1 || i == 2);
        EXPECT_EQ(frames[i].image.empty(), i == 1 || i == 2);
    }
}

TEST(PipeSource, SkipsBadImagesOrStopsAtThem) {
    const std::string image = image_bytes();
    for (const bool strict : {false, true}) {
        Pipe pipe;
        PipeSource source(pipe.descriptor(), {.strict = strict});
        pipe.write(sized(image) + sized("no image") + sized(image));
        pipe.close();
        EXPECT_EQ(source.next(1).size(), 1U);
        if (strict) {
            EXPECT_THROW(source.next(1), Error);
        } else {
            EXPECT_EQ(source.next(1).size(), 1U);
            EXPECT_TRUE(source.next(1).empty());
            EXPECT_EQ(source.skipped(), 1U);
        }
    }
}

TEST(PipeSource, ABatchDoesNotWaitForImagesThatDoNotCome) {
    const Pipe pipe;
    PipeSource source(pipe.descriptor(), {});
    pipe.write(sized(image_bytes()));
    EXPECT_EQ(source.next(8).size(), 1U);
}

TEST(PipeSource, AnInterruptionEndsTheWait) {
    const Pipe pipe;
    PipeSource source(pipe.descriptor(), {});
    std::thread other([&] { source.interrupt(); });
    EXPECT_TRUE(source.next(1).empty());
    other.join();
}

}  // namespace
}  // namespace yolovino::data

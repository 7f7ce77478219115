#include <nlohmann/json.hpp>
#include <set>

#include "support/command.hpp"
#include "support/samples.hpp"
#include "unit/data/http_server.hpp"

/// Results are named as their images are, through the real command.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using test::content;
using test::Outcome;

using test::kSample;
const std::string kImage = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/images/val/0004.jpg";

class FieldResultNames : public test::Command {
protected:
    Outcome predict(const std::string& source, const std::string& more) const {
        return yolo(
            "predict model='" + kSample + "' source='" + source +
            "' imgsz=64 conf=0.05 device=cpu precision=f32 runtime=openvino save_txt=True save_json=True project=" +
            (folder.path() / "runs").string() + " name=p exist_ok=True " + more);
    }
    std::set<std::string> names_in(const std::string& part) const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder.path() / "runs" / "p" / part)) {
            if (entry.is_regular_file()) names.insert(entry.path().filename().string());
        }
        return names;
    }
};

TEST_F(FieldResultNames, AreThoseOfTheImages) {
    const std::vector<std::string> stems{"cam 12:30:05", "a?b*",   "x\"y", "%41", "é☃",    "dot.", "sp ",   " lead",
                                         "back\\slash",  "a|b<c>", "it's", "#1",  "-dash", "100%", "a;b&c", "[0-9]"};
    fs::create_directory(folder.path() / "in");
    std::set<std::string> names{"predictions.jsonl"};
    std::set<std::string> labels;
    for (const std::string& stem : stems) {
        fs::copy_file(kImage, folder.path() / "in" / (stem + ".jpg"));
        names.insert(stem + ".jpg");
        labels.insert(stem + ".txt");
    }
    const Outcome outcome = predict("in", "save_crop=True");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(names_in(""), names);
    EXPECT_EQ(names_in("labels"), labels);
    std::set<std::string> paths;
    std::set<std::string> expected;
    std::istringstream lines(content(folder.path() / "runs" / "p" / "predictions.jsonl"));
    for (std::string line; std::getline(lines, line);) paths.insert(nlohmann::json::parse(line)["path"]);
    for (const std::string& stem : stems) expected.insert((folder.path() / "in" / (stem + ".jpg")).string());
    EXPECT_EQ(paths, expected);
    std::set<std::string> cropped;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "runs" / "p" / "crops"))
        cropped.insert(entry.path().filename().string());
    for (const std::string& stem : stems) EXPECT_TRUE(cropped.contains(stem + ".jpg")) << stem;
}

TEST_F(FieldResultNames, ImagesOfOneStemGetResultsOfTheirOwn) {
    fs::create_directories(folder.path() / "in" / "sub");
    for (const char* name : {"in/a?.jpg", "in/a?.jpeg", "in/a_.jpg", "in/tab\there.jpg", "in/tab_here.jpg"})
        fs::copy_file(kImage, folder.path() / name);
    ASSERT_EQ(predict("in", "").status, 0);
    EXPECT_EQ(names_in("labels"),
              (std::set<std::string>{"a?.txt", "a?-2.txt", "a_.txt", "tab_here.txt", "tab_here-2.txt"}));
}

TEST_F(FieldResultNames, OfUrlsAreDecoded) {
    const std::string image = content(kImage);
    test::LocalServer server([&](const std::string&, const test::LocalServer::Send& send) {
        send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: " + std::to_string(image.size()) +
             "\r\nConnection: close\r\n\r\n" + image);
    });
    const std::vector<std::pair<std::string, std::string>> urls{{"/a/bus%20stop.jpg", "bus stop"},
                                                                {"/x.jpg?token=a%20b/c.png", "x"},
                                                                {"/%41+b%2B.jpg", "A+b+"},
                                                                {"/..%2F..%2Fy.jpg", "y"},
                                                                {"/caf%C3%A9.jpg", "café"}};
    for (const auto& [path, stem] : urls) {
        const Outcome outcome = predict(server.url(path), "");
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_TRUE(fs::exists(folder.path() / "runs" / "p" / (stem + ".jpg"))) << path;
        EXPECT_TRUE(fs::exists(folder.path() / "runs" / "p" / "labels" / (stem + ".txt"))) << path;
    }
    EXPECT_EQ(names_in("labels").size(), urls.size());
}

}  // namespace
}  // namespace yolovino

#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/command.hpp"
#include "support/samples.hpp"
#include "support/tolerances.hpp"

namespace yolovino::test {

/// Datasets of images of the sample, measured by the command. The numbers to compare with are those of Ultralytics
/// 8.4.190 with PyTorch 2.15.0 on the CPU for the same folders: `YOLO("yolov8-shapes.pt").val(data=…, imgsz=320)`.
class FieldDataset : public Command {
protected:
    static constexpr const char* kNames = "names: [circle, square, triangle, star]\n";
    const std::vector<std::string> kFour = {"0000", "0001", "0002", "0004"};

    std::filesystem::path root() const { return folder.path(); }

    /// Puts image `id` of the sample where `path` says, and its labels where they belong to that.
    void put(const std::filesystem::path& path, const std::string& id, bool labelled = true) const {
        namespace fs = std::filesystem;
        const fs::path sample = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val";
        const fs::path to = root() / path;
        fs::create_directories(to.parent_path());
        fs::copy_file(sample / "images/val" / (id + ".jpg"), to, fs::copy_options::overwrite_existing);
        const fs::path labels = sample / "labels/val" / (id + ".txt");
        if (!labelled || !fs::exists(labels)) return;
        std::string label = to.string();
        label.replace(label.rfind("/images/"), 8, "/labels/");
        fs::create_directories(fs::path(label).parent_path());
        fs::copy_file(labels, fs::path(label).replace_extension(".txt"), fs::copy_options::overwrite_existing);
    }
    void put_four(const std::filesystem::path& path = "images/val", std::size_t count = 4) const {
        for (std::size_t i = 0; i < count; ++i) put(path / (kFour[i] + ".jpg"), kFour[i]);
    }
    void write(const std::filesystem::path& path, const std::string& text) const {
        std::filesystem::create_directories((root() / path).parent_path());
        std::ofstream(root() / path, std::ios::binary) << text;
    }
    /// A dataset file; every split is the same.
    void write_yaml(const std::string& val, const std::string& before = "", const std::string& names = kNames) const {
        write("d.yaml", before + "train: " + val + "\nval: " + val + "\n" + names);
    }

    /// Runs the command away from the user's settings of Ultralytics.
    Outcome run(const std::string& arguments) const {
        const std::string line = "cd '" + root().string() + "' && YOLO_CONFIG_DIR=config '" YOLOVINO_COMMAND "' " +
                                 arguments + " >out.txt 2>err.txt </dev/null";
        const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): the shell is what is tested
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(root() / "out.txt"), content(root() / "err.txt")};
    }

    struct Measured {
        Outcome outcome;
        std::size_t images = 0;
        double map50 = -1;
        double map = -1;
    };
    Measured val(const std::string& more = "data=d.yaml", const std::string& model = "") const {
        const std::filesystem::path results = root() / "runs/detect/r/results.json";
        std::filesystem::remove(results);
        const std::string imgsz = more.find("imgsz=") == std::string::npos ? " imgsz=320 " : " ";
        Measured out;
        out.outcome = run("val model='" + (model.empty() ? kSample : model) + "'" + imgsz +
                          "device=cpu precision=f32 plots=False name=r exist_ok=True " + more);
        EXPECT_EQ(out.outcome.status, 0) << more << "\n" << out.outcome.err;
        if (!std::filesystem::exists(results)) return out;
        const auto json = nlohmann::json::parse(content(results));
        out.images = json["images"];
        out.map50 = json["results"]["metrics/mAP50(B)"];
        out.map = json["results"]["metrics/mAP50-95(B)"];
        return out;
    }
    static void expect(const Measured& measured, std::size_t images, double map50, double map) {
        EXPECT_EQ(measured.images, images);
        EXPECT_NEAR(measured.map50, map50, kMetric);
        EXPECT_NEAR(measured.map, map, kMetric);
    }

    /// File names of the images that an 8-bit export was calibrated on.
    std::vector<std::string> calibrated(const std::string& more) const {
        const std::filesystem::path exported = root() / "m_int8_openvino_model";
        std::filesystem::remove_all(exported);
        std::filesystem::copy_file(kSample, root() / "m.pt", std::filesystem::copy_options::overwrite_existing);
        const Outcome outcome = run("export model=m.pt format=openvino int8=True imgsz=64 " + more);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        std::vector<std::string> names;
        if (outcome.status != 0) return names;
        const auto report = nlohmann::json::parse(content(exported / "quantization.json"));
        for (const auto& image : report.at("images"))
            names.push_back(std::filesystem::path(image["path"].get<std::string>()).filename().string());
        return names;
    }
    static std::size_t lines_with(const std::string& text, const std::string& part) {
        std::size_t count = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
        return count;
    }
};

}  // namespace yolovino::test

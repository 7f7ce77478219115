#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "yolovino/results.hpp"

#include "support/npz.hpp"
#include "support/shared.hpp"
#include "tasks/lookup.hpp"
#include "tasks/task.hpp"

/// What Ultralytics recorded of a network of another task: raw outputs for one photo, and what it made of them.
namespace yolovino::test {

struct Recorded {
    Results results;          ///< our own, of the recorded output
    nlohmann::json expected;  ///< of Ultralytics
};

inline nlohmann::ordered_json read_json(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return nlohmann::ordered_json::parse(stream);
}

/// The names of NAME_metadata.yaml, lines `  <id>: <name>` after `names:`.
inline std::shared_ptr<const ClassNames> read_names(const std::filesystem::path& file) {
    std::ifstream stream(file);
    ClassNames names;
    bool inside = false;
    for (std::string line; std::getline(stream, line);) {
        inside = line == "names:" || (inside && line.starts_with("  "));
        if (inside && line != "names:") names.push_back(line.substr(line.find(": ") + 2));
    }
    return std::make_shared<const ClassNames>(std::move(names));
}

/// @param set `tasks` or `tasks-trained`
inline Recorded decode_recorded(const std::string& set, const std::string& name, KeypointShape keypoints = {}) {
    const std::filesystem::path folder = shared_dir() / "golden" / set;
    const nlohmann::json network = read_json(folder / "networks.json").at(name);
    const nlohmann::ordered_json run = read_json(folder / (name + "_predict.json")).at("openvino");
    Recorded recorded;
    recorded.expected = run.begin().value();  // only the first photo has raw outputs

    const NpyArray<float> raw = read_npz<float>(folder / (name + ".npz"), "output0");
    tensors::OutputTensor tensor{.name = "output0", .shape = {}, .data = raw.values};
    for (const std::size_t side : raw.shape) tensor.shape.push_back(static_cast<std::int64_t>(side));
    Results& results = recorded.results;
    results.task = network.at("task");
    results.names = read_names(folder / (name + "_metadata.yaml"));
    results.orig_shape = {recorded.expected.at("shape")[0], recorded.expected.at("shape")[1]};
    const int side = network.at("imgsz");
    const auto geometry = vision::LetterboxGeometry::fit(results.orig_shape, {side, side});
    const tasks::Task& task = tasks::task_named(results.task);
    const tasks::DecodeArgs args{.form = {.classes = results.names->size(), .keypoints = keypoints}};
    const tensors::Outputs outputs{{tensor}};
    task.check(outputs, 1, {.least = 1, .most = results.names->size()}, args.form, "test");
    task.decode(outputs, 0, args, geometry, results);
    return recorded;
}

/// The largest difference of two JSON trees of the same shape; infinite where anything but numbers differs.
inline double difference(const nlohmann::json& a, const nlohmann::json& b) {
    constexpr double kOther = 1e30;
    if (a.is_number() && b.is_number()) return std::abs(a.get<double>() - b.get<double>());
    if (a.is_structured() && b.is_structured() && a.size() == b.size() && a.is_array() == b.is_array()) {
        double largest = 0;
        for (auto at = a.begin(), other = b.begin(); at != a.end(); ++at, ++other) {
            if (a.is_object() && at.key() != other.key()) return kOther;
            largest = std::max(largest, difference(*at, *other));
        }
        return largest;
    }
    return a == b ? 0 : kOther;
}

/// The largest difference of the words of two texts; infinite if anything but numbers differs.
inline double text_difference(const std::string& a, const std::string& b) {
    constexpr double kOther = 1e30;
    std::istringstream ours(a);
    std::istringstream theirs(b);
    double largest = std::ranges::count(a, '\n') == std::ranges::count(b, '\n') ? 0 : kOther;
    for (std::string one, other; ours >> one;) {
        if (!(theirs >> other)) return kOther;
        if (one == other) continue;
        char* end = nullptr;
        const double number = std::strtod(one.c_str(), &end);
        if (*end != '\0') return kOther;
        largest = std::max(largest, std::abs(number - std::strtod(other.c_str(), nullptr)));
    }
    return theirs >> std::ws, theirs.eof() ? largest : kOther;
}

/// Expects that each recorded result of the `.pt` file is written as Ultralytics wrote it.
/// @param fill fills the fields of the task from the recorded ones
/// @param tolerance of numbers: where sines are computed, their last bit is that of the mathematical library
inline void expect_written_as_recorded(const std::string& set, const std::string& name,
                                       const std::function<void(const nlohmann::json&, Results&)>& fill,
                                       double tolerance = 0) {
    const std::filesystem::path folder = shared_dir() / "golden" / set;
    const nlohmann::json network = read_json(folder / "networks.json").at(name);
    const nlohmann::json run = read_json(folder / (name + "_predict.json")).at("checkpoint");
    ASSERT_GE(run.size(), 2U);
    for (const auto& [photo, recorded] : run.items()) {
        SCOPED_TRACE(name + ", " + photo);
        Results results;
        results.task = network.at("task");
        results.names = read_names(folder / (name + "_metadata.yaml"));
        results.orig_shape = {recorded.at("shape")[0], recorded.at("shape")[1]};
        fill(recorded, results);
        const tasks::Task& task = tasks::task_named(results.task);
        EXPECT_EQ(task.summary(results), recorded.at("verbose"));
        EXPECT_LE(text_difference(task.label_lines(results, true), recorded.at("txt_with_conf")), tolerance);
        nlohmann::ordered_json line;
        task.append_json(line, results, false, 5);
        nlohmann::json objects = line.at("detections");
        while (objects.size() > recorded.at("summary").size()) objects.erase(objects.size() - 1);
        EXPECT_LE(difference(objects, recorded.at("summary")), tolerance * 1000);  // pixels
    }
}

}  // namespace yolovino::test

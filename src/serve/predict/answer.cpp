#include "serve/predict/answer.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "yolovino/encode.hpp"

#include "options/text.hpp"

namespace yolovino::serve {

namespace {

using Json = nlohmann::ordered_json;

std::optional<AnswerForm> form_named(std::string_view type) {
    if (type == "*/*" || type == "application/*" || type == "application/json") return AnswerForm::Json;
    if (type == "image/jpeg" || type == "image/*") return AnswerForm::Jpeg;
    if (type == "text/csv" || type == "text/*") return AnswerForm::Csv;
    return std::nullopt;
}

/// The `q` of `image/jpeg;q=0.5`, 1 without one.
double quality_of(std::string_view item) {
    for (std::size_t at = item.find(';'); at != std::string_view::npos; at = item.find(';', at + 1)) {
        const std::string_view parameter = options::trim(item.substr(at + 1, item.find(';', at + 1) - at - 1));
        if (!parameter.starts_with("q=")) continue;
        double quality = 0;
        std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), quality);
        return quality;
    }
    return 1;
}

/// As RFC 4180 quotes it.
std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += c;
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_cell(const Json& value) {
    return value.is_string() ? csv_text(value.get<std::string>())
                             : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The columns of an object with their values: `box` by its own names, keypoints as x1, y1, v1, …
std::vector<std::pair<std::string, std::string>> cells_of(const Json& object) {
    std::vector<std::pair<std::string, std::string>> cells;
    for (const auto& [name, value] : object.items()) {
        if (name == "segments") continue;
        if (name == "keypoints") {
            for (std::size_t i = 0; i < value.at("x").size(); ++i) {
                for (const auto& [axis, numbers] : value.items()) {
                    if (i < numbers.size())
                        cells.emplace_back(fmt::format("keypoint{}_{}", i + 1, axis), csv_cell(numbers.at(i)));
                }
            }
        } else if (value.is_object()) {
            for (const auto& [part, number] : value.items()) cells.emplace_back(part, csv_cell(number));
        } else if (!value.is_array()) {
            cells.emplace_back(name, csv_cell(value));
        }
    }
    return cells;
}

}  // namespace

std::optional<AnswerForm> form_of(std::string_view accept) {
    if (options::trim(accept).empty()) return AnswerForm::Json;
    std::optional<AnswerForm> best;
    double best_quality = 0;
    for (const std::string_view item : options::split_list(accept)) {
        const auto form = form_named(options::lower(options::trim(item.substr(0, item.find(';')))));
        if (!form || quality_of(item) <= best_quality) continue;
        best = form;
        best_quality = quality_of(item);
    }
    return best;
}

std::string json_answer(const std::vector<Results>& images, bool one) {
    if (one) return images.front().to_json() + "\n";
    std::string list = "[";
    for (std::size_t i = 0; i < images.size(); ++i) list += (i == 0 ? "" : ",\n") + images[i].to_json();
    return list + "]\n";
}

std::string csv_answer(const std::vector<Results>& images) {
    std::vector<std::string> columns;
    std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> rows;
    for (const Results& image : images) {
        const Json line = Json::parse(image.to_json());
        for (const Json& object : line.value("detections", Json::array())) {
            rows.emplace_back(image.path, cells_of(object));
            for (const auto& [name, value] : rows.back().second) {
                if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
            }
        }
    }
    if (columns.empty()) columns = {"name", "class", "confidence"};
    std::string text = "path," + options::join(columns, ",") + "\r\n";
    for (const auto& [path, cells] : rows) {
        text += csv_text(path);
        for (const std::string& column : columns) {
            const auto found = std::ranges::find(cells, column, &std::pair<std::string, std::string>::first);
            text += "," + (found == cells.end() ? std::string() : found->second);
        }
        text += "\r\n";
    }
    return text;
}

std::string jpeg_answer(const Results& image, const PredictArgs& args) {
    PlotArgs plot;
    plot.conf = args.show_conf;
    plot.labels = args.show_labels;
    plot.boxes = args.show_boxes;
    plot.line_width = args.line_width;
    const std::vector<std::byte> bytes = encode_jpeg(image.plot(plot));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace yolovino::serve

#include "tasks/obb/dota_files.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>

#include "base/fail.hpp"
#include "metrics/probiou.hpp"
#include "tasks/box_text.hpp"
#include "tasks/detect/coco_row.hpp"
#include "tasks/obb/suppress.hpp"

namespace yolovino::tasks {

namespace {

constexpr int kDecimals = 3;
constexpr int kScoreDecimals = 5;
constexpr float kMergeIou = 0.3F;

/// A tile of a large image and where it lies.
struct Tile {
    std::string image;
    int x = 0;
    int y = 0;
};

/// The first `x___y` of a name.
std::optional<Tile> tile_of(const std::string& stem) {
    constexpr std::string_view kBetween = "___";
    for (std::size_t at = stem.find(kBetween); at != std::string::npos; at = stem.find(kBetween, at + 1)) {
        std::size_t first = at;
        while (first > 0 && std::isdigit(static_cast<unsigned char>(stem[first - 1])) != 0) --first;
        Tile tile{stem.substr(0, stem.find("__")), 0, 0};
        const char* const end = stem.data() + stem.size();
        const auto x = std::from_chars(stem.data() + first, stem.data() + at, tile.x);
        const auto y = std::from_chars(stem.data() + at + kBetween.size(), end, tile.y);
        if (x.ec == std::errc{} && x.ptr == stem.data() + at && y.ec == std::errc{}) return tile;
    }
    return std::nullopt;
}

/// Texts of the files of one folder by class.
class ClassFiles {
public:
    ClassFiles(std::string folder, const ClassNames& names) : folder_(std::move(folder)), names_(names) {}

    void add(const std::string& image, const RotatedBox& box, int score_decimals) {
        std::string& text = texts_[box.cls];
        text += fmt::format("{} {}", image, python_float(rounded_exactly(box.conf, score_decimals)));
        for (const Point& corner : box.corners()) {
            text += fmt::format(" {} {}", python_float(rounded_exactly(corner.x, kDecimals)),
                                python_float(rounded_exactly(corner.y, kDecimals)));
        }
        text += '\n';
    }

    void move_to(std::vector<Task::TextFile>& files) {
        for (auto& [cls, text] : texts_) {
            std::string name = base::printable(names_.at(static_cast<std::size_t>(cls)), 128);
            std::ranges::replace(name, ' ', '-');
            std::ranges::replace(name, '/', '_');
            files.push_back({fmt::format("{}/Task1_{}.txt", folder_, name), std::move(text)});
        }
    }

private:
    std::string folder_;
    const ClassNames& names_;
    std::map<int, std::string> texts_;
};

/// What remains of the boxes of all tiles where these overlap.
std::vector<RotatedBox> merged(std::vector<RotatedBox> boxes) {
    std::ranges::stable_sort(boxes, std::greater{}, &RotatedBox::conf);
    std::vector<RotatedCandidate> candidates;
    candidates.reserve(boxes.size());
    for (const RotatedBox& box : boxes) candidates.push_back({metrics::gaussian_of(box), box.cls});
    std::vector<RotatedBox> kept;
    for (const std::size_t i : unsuppressed(candidates, kMergeIou, boxes.size())) kept.push_back(boxes[i]);
    return kept;
}

}  // namespace

std::vector<Task::TextFile> dota_files(std::span<const Task::NamedResults> images, const ClassNames& names) {
    ClassFiles tiles("predictions_txt", names);
    ClassFiles whole("predictions_merged_txt", names);
    std::map<std::string, std::vector<RotatedBox>> by_image;
    for (const Task::NamedResults& each : images) {
        if (!each.results->obb) continue;
        const std::optional<Tile> tile = tile_of(each.stem);
        for (RotatedBox box : *each.results->obb) {
            tiles.add(each.stem, box, kScoreDecimals);
            if (!tile) continue;
            box.cx += static_cast<float>(tile->x);
            box.cy += static_cast<float>(tile->y);
            by_image[tile->image].push_back(box);
        }
    }
    for (auto& [image, boxes] : by_image) {
        for (const RotatedBox& box : merged(std::move(boxes))) whole.add(image, box, kDecimals);
    }
    std::vector<Task::TextFile> files;
    tiles.move_to(files);
    whole.move_to(files);
    return files;
}

}  // namespace yolovino::tasks

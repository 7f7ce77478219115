#include "tasks/detect/decode.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kMaxNmsBoxes = 30000;  // candidates that enter suppression, Ultralytics' max_nms
constexpr float kMaxSidePx = 7680;           // distance between the classes' planes, Ultralytics' max_wh

using Candidate = ModelDetection;

constexpr std::size_t kRun = 512;  // anchors that are looked at together: their maxima stay in the nearest cache

/// Raises `best` to the scores of one class. Compiled for several instruction sets; the first that the machine has is
/// taken.
#if defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__)  // its runtime starts after the choice of clones
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void raise_to(float* __restrict best, const float* __restrict scores, std::size_t count) {
    for (std::size_t a = 0; a < count; ++a) best[a] = scores[a] > best[a] ? scores[a] : best[a];
}

bool is_wanted(int cls, const DecodeArgs& args) {
    return !args.classes || std::ranges::find(*args.classes, cls) != args.classes->end();
}

/// One score of one anchor.
struct Hit {
    float conf;
    std::uint32_t anchor;
    std::int32_t cls;
};

/// The best class of each anchor, if its score is high enough. Few are, so the class is looked for only there: it is
/// the first that has the highest score.
void find_single(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args,
                 std::vector<Hit>& hits) {
    const auto threshold = static_cast<float>(args.conf);
    std::array<float, kRun> best;
    for (std::size_t first = 0; first < anchors; first += kRun) {
        const std::size_t count = std::min(kRun, anchors - first);
        const float* scores = raw.data() + 4 * anchors + first;
        std::copy_n(scores, count, best.begin());
        for (std::size_t row = 5; row < rows; ++row) raise_to(best.data(), scores + (row - 4) * anchors, count);
        for (std::size_t a = 0; a < count; ++a) {
            if (!(best[a] > threshold)) continue;
            std::int32_t cls = 0;
            while (scores[static_cast<std::size_t>(cls) * anchors + a] != best[a]) ++cls;
            if (is_wanted(cls, args)) hits.push_back({best[a], static_cast<std::uint32_t>(first + a), cls});
        }
    }
}

/// Every class of each anchor whose score is high enough. Few are, so whole runs of anchors are skipped at once.
void find_multiple(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args,
                   std::vector<Hit>& hits) {
    constexpr std::size_t kSkipped = 64;
    const auto threshold = static_cast<float>(args.conf);
    for (std::size_t row = 4; row < rows; ++row) {
        const auto cls = static_cast<std::int32_t>(row - 4);
        if (!is_wanted(cls, args)) continue;
        const float* values = raw.data() + row * anchors;
        for (std::size_t first = 0; first < anchors; first += kSkipped) {
            const std::size_t end = std::min(first + kSkipped, anchors);
            float highest = threshold;
            for (std::size_t a = first; a < end; ++a) highest = values[a] > highest ? values[a] : highest;
            if (!(highest > threshold)) continue;
            for (std::size_t a = first; a < end; ++a) {
                if (values[a] > threshold) hits.push_back({values[a], static_cast<std::uint32_t>(a), cls});
            }
        }
    }
}

/// Memory of one image's candidates. Each thread keeps its own, so that nothing is allocated once it is warm.
struct Scratch {
    std::vector<Hit> hits;
    std::vector<Candidate> sorted;
    std::vector<vision::ModelBox> planes;
    std::vector<std::size_t> kept;
};

/// Fills `sorted` by descending score.
void find_candidates(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args,
                     Scratch& scratch) {
    std::vector<Hit>& hits = scratch.hits;
    hits.clear();
    if (args.multi_label && rows > 5) {
        find_multiple(raw, rows, anchors, args, hits);
    } else {
        find_single(raw, rows, anchors, args, hits);
    }
    std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
        if (a.conf != b.conf) return a.conf > b.conf;
        return a.anchor != b.anchor ? a.anchor < b.anchor : a.cls < b.cls;
    });
    if (hits.size() > kMaxNmsBoxes) hits.resize(kMaxNmsBoxes);
    scratch.sorted.clear();
    for (const Hit& hit : hits) {
        const std::size_t a = hit.anchor;
        const float cx = raw[a];
        const float cy = raw[anchors + a];
        const float half_w = raw[2 * anchors + a] / 2;
        const float half_h = raw[3 * anchors + a] / 2;
        scratch.sorted.push_back({{cx - half_w, cy - half_h, cx + half_w, cy + half_h}, hit.conf, hit.cls, hit.anchor});
    }
}

float intersection_over_union(const vision::ModelBox& a, const vision::ModelBox& b) {
    const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
    const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (width <= 0 || height <= 0) return 0;
    const float shared = width * height;
    const float area_a = (a.x2 - a.x1) * (a.y2 - a.y1);
    const float area_b = (b.x2 - b.x1) * (b.y2 - b.y1);
    return shared / (area_a + area_b - shared);
}

/// Greedy suppression. Classes are kept apart as Ultralytics does it, by moving each onto a plane of its own in f32:
/// the rounding of those coordinates decides near ties, so it is part of the behaviour. Boxes of different classes are
/// never compared, whatever the size of the frame.
void suppress(const DecodeArgs& args, Scratch& scratch) {
    const std::vector<Candidate>& sorted = scratch.sorted;
    std::vector<vision::ModelBox>& planes = scratch.planes;
    planes.clear();
    for (const Candidate& candidate : sorted) {
        const float offset = args.agnostic_nms ? 0.0F : static_cast<float>(candidate.cls) * kMaxSidePx;
        const vision::ModelBox& box = candidate.box;
        planes.push_back({box.x1 + offset, box.y1 + offset, box.x2 + offset, box.y2 + offset});
    }
    const auto threshold = static_cast<float>(args.iou);
    std::vector<std::size_t>& kept = scratch.kept;
    kept.clear();
    for (std::size_t i = 0; i < sorted.size() && kept.size() < static_cast<std::size_t>(args.max_det); ++i) {
        const bool covered = std::any_of(kept.begin(), kept.end(), [&](std::size_t k) {
            const bool compared = args.agnostic_nms || sorted[k].cls == sorted[i].cls;
            return compared && intersection_over_union(planes[k], planes[i]) > threshold;
        });
        if (!covered) kept.push_back(i);
    }
}

/// The memory of the candidates, valid until the thread's next call.
Scratch& find_sorted(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args) {
    if (rows < 5 || raw.size() != rows * anchors) {
        throw Error(ErrorCode::ShapeMismatch, "detect",
                    fmt::format("the network gave {} values as [{}, {}], wanted [4 + classes, anchors]", raw.size(),
                                rows, anchors));
    }
    thread_local Scratch scratch;
    find_candidates(raw, rows, anchors, args, scratch);
    return scratch;
}

/// The same after suppression.
const Scratch& find(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args) {
    Scratch& scratch = find_sorted(raw, rows, anchors, args);
    suppress(args, scratch);
    return scratch;
}

}  // namespace

std::vector<ModelDetection> candidates_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                                const DecodeArgs& args) {
    return find_sorted(raw, rows, anchors, args).sorted;
}

std::vector<ModelDetection> detect_in_model(std::span<const float> raw, std::size_t rows, std::size_t anchors,
                                            const DecodeArgs& args) {
    const Scratch& found = find(raw, rows, anchors, args);
    std::vector<ModelDetection> detections;
    detections.reserve(found.kept.size());
    for (const std::size_t i : found.kept) detections.push_back(found.sorted[i]);
    return detections;
}

std::vector<Box> detect(std::span<const float> raw, std::size_t rows, std::size_t anchors, const DecodeArgs& args,
                        const vision::LetterboxGeometry& geometry) {
    const Scratch& found = find(raw, rows, anchors, args);
    std::vector<Box> boxes;
    boxes.reserve(found.kept.size());
    for (const std::size_t i : found.kept) {
        const ModelDetection& detection = found.sorted[i];
        Box box = geometry.to_image(detection.box);
        box.conf = detection.conf;
        box.cls = detection.cls;
        boxes.push_back(box);
    }
    return boxes;
}

}  // namespace yolovino::tasks

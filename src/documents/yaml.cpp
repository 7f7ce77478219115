#include "documents/yaml.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <string_view>
#include <vector>
#include <yaml-cpp/eventhandler.h>

#include "base/fail.hpp"

namespace yolovino::documents {

namespace {

/// yaml-cpp keeps up to 400 bytes for each of these marks in a row until it knows what they begin, before it tells
/// anything. 100,000 quoted names with quoted keys have 600,000.
constexpr std::size_t kMaxMarks = 700'000;
constexpr std::string_view kMarks = "[]{},:?&*!\"'";

std::size_t count_marks(std::string_view text) {
    std::size_t marks = 0;
    for (std::size_t at = text.find_first_of(kMarks); at != std::string_view::npos;
         at = text.find_first_of(kMarks, at + 1))
        ++marks;
    return marks;
}

/// Hears of the values of a document one by one and counts them.
class Counter final : public YAML::EventHandler {
public:
    Counter(const Origin& origin, const YamlLimits& limits) : origin_(origin), limits_(limits) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add({1, 0}, anchor); }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, const std::string&) override {
        add({1, 0}, anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::size_t place = anchor;
        if (place >= anchored_.size() || anchored_[place].values == 0)
            throw YAML::ParserException(mark, "a value holds itself");
        add(anchored_[place], 0);
    }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Size {
        std::size_t values = 0;
        std::size_t depth = 0;  ///< of what is open in it
    };
    struct Open {
        Size size;
        YAML::anchor_t anchor;
    };

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(ErrorCode::LimitExceeded, origin_.area, what, {.file = origin_.file});
    }

    void add(Size size, YAML::anchor_t anchor) {
        total_ += size.values;
        if (total_ > limits_.values) refuse(fmt::format("the YAML holds more than {} values", limits_.values));
        if (open_.size() + size.depth > limits_.depth)
            refuse(fmt::format("the YAML is nested deeper than {} levels", limits_.depth));
        count(size);
        remember(size, anchor);
    }

    void open(YAML::anchor_t anchor) {
        add({1, 1}, 0);
        open_.push_back({{1, 1}, anchor});
    }

    void close() {
        const Open done = open_.back();
        open_.pop_back();
        // The opening has counted one value already.
        count({done.size.values - 1, done.size.depth});
        remember(done.size, done.anchor);
    }

    void count(Size size) {
        if (open_.empty()) return;
        Size& outer = open_.back().size;
        outer.values += size.values;
        outer.depth = std::max(outer.depth, size.depth + 1);
    }

    /// yaml-cpp numbers anchors from 1; 0 is none.
    void remember(Size size, YAML::anchor_t anchor) {
        const std::size_t place = anchor;
        if (place == 0) return;
        if (anchored_.size() <= place) anchored_.resize(place + 1);
        anchored_[place] = size;
    }

    const Origin& origin_;
    const YamlLimits& limits_;
    std::size_t total_ = 0;
    std::vector<Open> open_;
    std::vector<Size> anchored_;
};

}  // namespace

YAML::Node parse_yaml(const std::string& text, const Origin& origin, const YamlLimits& limits) {
    if (text.size() > kMaxYamlBytes || count_marks(text) > kMaxMarks) {
        throw Error(ErrorCode::LimitExceeded, origin.area,
                    fmt::format("the YAML is larger than {} bytes or {} punctuation marks", kMaxYamlBytes, kMaxMarks),
                    {.file = origin.file});
    }
    try {
        std::istringstream stream(text);
        Counter counter(origin, limits);
        YAML::Parser(stream).HandleNextDocument(counter);
        return YAML::Load(text);
    } catch (const YAML::Exception& e) {
        throw Error(ErrorCode::CorruptFile, origin.area, fmt::format("this is not YAML: {}", base::printable(e.what())),
                    {.file = origin.file});
    }
}

}  // namespace yolovino::documents

#include "documents/yaml_compose.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>
#include <string_view>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino::documents {

namespace {

/// yaml-cpp keeps up to 400 bytes for each of these marks in a row until it finds out what they begin, before it
/// reports anything. 100,000 quoted names with quoted keys have 600,000.
constexpr std::size_t kMaxMarks = 700'000;
constexpr std::string_view kMarks = "[]{},:?&*!\"'";

std::size_t count_marks(std::string_view text) {
    std::size_t marks = 0;
    for (std::size_t at = text.find_first_of(kMarks); at != std::string_view::npos;
         at = text.find_first_of(kMarks, at + 1))
        ++marks;
    return marks;
}

/// Hears of the values of a document one by one, counts them, and keeps them.
class Composer final : public YAML::EventHandler {
public:
    Composer(std::string_view text, const Origin& origin, const YamlLimits& limits)
        : text_(text), origin_(origin), limits_(limits) {}

    YamlNodes take() { return std::move(out_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (!out_.empty) throw YAML::ParserException(mark, "a second document begins, wanted one");
        out_.empty = false;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check_empty(mark);
        scalar(mark, {}, anchor, {}, true);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (tag == "?") return scalar(mark, tag, anchor, value, true);
        const Source source = source_of(mark);
        const char quote = source.begin < text_.size() ? text_[source.begin] : '\n';
        if (quote == '"' || quote == '\'') check_quoted(mark, source.begin);
        // yaml-cpp gives `! x`, which is as bare as `x`, the tag of quoted text.
        scalar(mark, tag, anchor, quote == '"' ? with_whole_escapes(value) : value, tag == "!" && source.tagged);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::size_t place = anchor;
        if (place >= anchored_.size() || anchored_[place].size.values == 0)
            throw YAML::ParserException(mark, "a value contains itself");
        add(anchored_[place].size);
        attach(anchored_[place].node, mark);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(YamlNodes::Kind::List, mark, tag, anchor, style == YAML::EmitterStyle::Flow);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(YamlNodes::Kind::Map, mark, tag, anchor, style == YAML::EmitterStyle::Flow);
    }
    void OnMapEnd() override { close(); }

private:
    struct Size {
        std::size_t values = 0;
        std::size_t depth = 0;  ///< of what is open in it
    };
    struct Anchored {
        Size size;
        std::size_t node = 0;
    };
    struct Open {
        Size size;
        std::size_t node;
        YAML::anchor_t anchor;
        bool flow;           ///< in brackets
        int key_place = -1;  ///< of a mapping, the place of its last key in the text
    };
    /// Where the content of a scalar begins behind its anchor and its tag.
    struct Source {
        std::size_t begin;
        bool tagged;
    };

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(ErrorCode::LimitExceeded, origin_.area, what, {.file = origin_.file});
    }

    /// The character that a mark points at; a line end behind the last one.
    char at(const YAML::Mark& mark) const {
        const auto place = static_cast<std::size_t>(std::max(mark.pos, 0));
        return place < text_.size() ? text_[place] : '\n';
    }

    Source source_of(const YAML::Mark& mark) const {
        Source out{static_cast<std::size_t>(std::max(mark.pos, 0)), false};
        const auto skip_to = [&](std::size_t place) { out.begin = std::min(place, text_.size()); };
        while (out.begin < text_.size()) {
            const char c = text_[out.begin];
            if (c == '#') {
                skip_to(text_.find('\n', out.begin));
            } else if (c == '&' || c == '!') {
                out.tagged = out.tagged || c == '!';
                skip_to(text_.find_first_of(" \t\n", out.begin));
            } else if (c == ' ' || c == '\t' || c == '\n') {
                skip_to(text_.find_first_not_of(" \t\n", out.begin));
            } else {
                return out;
            }
        }
        return out;
    }

    /// yaml-cpp takes the end of the text for the closing quote, and `\'` for an escape.
    void check_quoted(const YAML::Mark& mark, std::size_t begin) const {
        const char quote = text_[begin];
        const std::string_view stops = quote == '"' ? "\"\\" : "'";
        for (std::size_t place = text_.find_first_of(stops, begin + 1); place != std::string_view::npos;
             place = text_.find_first_of(stops, place)) {
            const char next = place + 1 < text_.size() ? text_[place + 1] : '\n';
            if (text_[place] == '\\') {
                if (next == '\'') throw YAML::ParserException(mark, "\\' is no escape of YAML, wanted ' alone");
            } else if (quote == '"' || next != '\'') {
                return;
            }
            place += 2;
        }
        throw YAML::ParserException(mark, "the closing quote is missing");
    }

    /// yaml-cpp writes the escapes `\N` and `\_` as one byte of Latin-1, which nothing else in the text can be.
    static std::string with_whole_escapes(std::string_view text) {
        std::string out;
        out.reserve(text.size());
        while (!text.empty()) {
            const std::size_t bytes = base::first_character(text).bytes;
            if (bytes == 0) out += '\xC2';
            out.append(text.substr(0, std::max<std::size_t>(bytes, 1)));
            text.remove_prefix(std::max<std::size_t>(bytes, 1));
        }
        return out;
    }

    /// yaml-cpp makes nulls where PyYAML finds a fault.
    void check_empty(const YAML::Mark& mark) const {
        if (open_.empty()) return;
        const Open& outer = open_.back();
        const YamlNodes::Node& holder = out_.nodes[outer.node];
        const bool is_key = holder.kind == YamlNodes::Kind::Map && holder.children.size() % 2 == 0;
        const bool is_value = holder.kind == YamlNodes::Kind::Map && !is_key;
        if (outer.flow && !is_value && at(mark) == ',')
            throw YAML::ParserException(mark, "a value is missing before the comma");
        if (!outer.flow && is_key && at(mark) == ':') throw YAML::ParserException(mark, "a key is missing before ':'");
        if (!outer.flow && is_value && mark.pos == outer.key_place)
            throw YAML::ParserException(mark, "':' is missing behind a key");
    }

    void add(Size size) {
        total_ += size.values;
        if (total_ > limits_.values) refuse(fmt::format("the YAML holds more than {} values", limits_.values));
        if (open_.size() + size.depth > limits_.depth)
            refuse(fmt::format("the YAML is nested deeper than {} levels", limits_.depth));
        count(size);
    }

    std::size_t node(YamlNodes::Kind kind, const YAML::Mark& mark, const std::string& tag) {
        const std::size_t index = out_.nodes.size();
        YamlNodes::Node& made = out_.nodes.emplace_back();
        made.kind = kind;
        made.line = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
        if (tag != "?" && tag != "!") made.tag = tag;
        attach(index, mark);
        return index;
    }

    void attach(std::size_t index, const YAML::Mark& mark) {
        if (open_.empty()) {
            out_.root = index;
            return;
        }
        std::vector<std::size_t>& children = out_.nodes[open_.back().node].children;
        if (children.size() % 2 == 0) open_.back().key_place = mark.pos;
        children.push_back(index);
    }

    void scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text,
                bool bare) {
        add({1, 0});
        const std::size_t index = node(YamlNodes::Kind::Scalar, mark, tag);
        out_.nodes[index].bare = bare;
        out_.nodes[index].text = text;
        remember({{1, 0}, index}, anchor);
    }

    void open(YamlNodes::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool flow) {
        add({1, 1});
        open_.push_back({{1, 1}, node(kind, mark, tag), anchor, flow});
    }

    void close() {
        const Open done = open_.back();
        open_.pop_back();
        // The opening has counted one value already.
        count({done.size.values - 1, done.size.depth});
        remember({done.size, done.node}, done.anchor);
    }

    void count(Size size) {
        if (open_.empty()) return;
        Size& outer = open_.back().size;
        outer.values += size.values;
        outer.depth = std::max(outer.depth, size.depth + 1);
    }

    /// yaml-cpp numbers anchors from 1; 0 means no anchor.
    void remember(const Anchored& what, YAML::anchor_t anchor) {
        const std::size_t place = anchor;
        if (place == 0) return;
        if (anchored_.size() <= place) anchored_.resize(place + 1);
        anchored_[place] = what;
    }

    std::string_view text_;
    const Origin& origin_;
    const YamlLimits& limits_;
    std::size_t total_ = 0;
    std::vector<Open> open_;
    std::vector<Anchored> anchored_;
    YamlNodes out_;
};

/// What may precede a document: yaml-cpp takes any directive, and a document that ends before it begins.
void check_prolog(std::string_view text) {
    YAML::Mark mark;
    bool directives = false;
    for (std::size_t begin = 0; begin < text.size(); ++mark.line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string_view::npos || line[first] == '#') continue;
        if (line.starts_with('%')) {
            directives = true;
            const bool version = line.starts_with("%YAML ");
            if (!version && !line.starts_with("%TAG "))
                throw YAML::ParserException(mark, "this directive is unknown, wanted %YAML or %TAG");
            const std::size_t number = line.find_first_not_of(" \t", 6);
            const std::string_view rest = number == std::string_view::npos ? "" : line.substr(number);
            if (version && !rest.starts_with("1.1") && !rest.starts_with("1.2"))
                throw YAML::ParserException(mark, "this version of YAML is unknown, wanted 1.1 or 1.2");
            continue;
        }
        if (line.starts_with("...")) throw YAML::ParserException(mark, "a document ends before it begins");
        if (directives && !line.starts_with("---"))
            throw YAML::ParserException(mark, "'---' is missing behind the directives");
        return;
    }
}

}  // namespace

YamlNodes compose_yaml(const std::string& text, const Origin& origin, const YamlLimits& limits) {
    if (count_marks(text) > kMaxMarks) {
        throw Error(ErrorCode::LimitExceeded, origin.area,
                    fmt::format("the YAML has more than {} punctuation marks", kMaxMarks), {.file = origin.file});
    }
    try {
        check_prolog(text);
        std::istringstream stream(text);
        Composer composer(text, origin, limits);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(composer)) continue;
        return composer.take();
    } catch (const YAML::Exception& e) {
        throw Error(ErrorCode::CorruptFile, origin.area,
                    fmt::format("this is not YAML: line {}, column {}: {}", e.mark.line + 1, e.mark.column + 1,
                                base::printable(e.msg)),
                    {.file = origin.file});
    }
}

}  // namespace yolovino::documents

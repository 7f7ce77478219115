#include "documents/yaml.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "documents/text.hpp"
#include "documents/yaml_compose.hpp"
#include "documents/yaml_scalar.hpp"

namespace yolovino::documents {

namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr std::size_t kMaxRepeatedKeyLines = 10;  // then only the count goes on

/// Whether YAML 1.1 allows a character.
bool is_allowed(std::uint32_t code) {
    return code == '\t' || code == '\n' || (code >= 0x20 && code <= 0x7E) || code == 0x85 ||
           (code >= 0xA0 && code <= 0xD7FF) || (code >= 0xE000 && code <= 0xFFFD) || code >= 0x10000;
}

/// What PyYAML sees: UTF-8 without the characters that YAML forbids, LF as the one line end.
std::string readable(std::string_view text) {
    text = without_byte_order_mark(text);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const base::Utf8Character character = base::first_character(text);
        std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
        if (character.code == '\r') {
            if (text.size() > 1 && text[1] == '\n') bytes = 2;
            out += '\n';
        } else if (character.code == 0x85 || character.code == 0x2028 || character.code == 0x2029) {
            out += '\n';
        } else if (character.bytes > 0 && is_allowed(character.code)) {
            out.append(text.substr(0, bytes));
        }
        text.remove_prefix(bytes);
    }
    return out;
}

/// Makes values of nodes: applies tags, merges mappings, and lets the last of equal keys count.
class Maker {
public:
    Maker(YamlNodes& nodes, const Origin& origin, std::vector<std::string>& warnings)
        : nodes_(nodes), origin_(origin), warnings_(warnings), flat_(nodes.nodes.size(), false) {}

    Yaml make_root() {
        if (nodes_.nodes.empty()) return {};
        Yaml root = make(nodes_.root);
        if (auto* map = std::get_if<Yaml::Map>(&root.data)) {
            // PyYAML has no `None`; Ultralytics takes it for null at the top of a file, in quotes, too.
            for (YamlEntry& entry : *map) {
                if (const auto* text = entry.value.get<std::string>(); text != nullptr && *text == "None")
                    entry.value.data = Yaml::Null();
            }
        }
        if (repeated_ > kMaxRepeatedKeyLines)
            warnings_.push_back(fmt::format("{}: {} more duplicate keys", base::printable(origin_.file),
                                            repeated_ - kMaxRepeatedKeyLines));
        return root;
    }

private:
    using Node = YamlNodes::Node;
    using Kind = YamlNodes::Kind;

    [[noreturn]] void fail(std::size_t line, const std::string& what) const {
        throw Error(ErrorCode::CorruptFile, origin_.area, fmt::format("line {}: {}", line, what),
                    {.file = origin_.file});
    }

    /// The tag without the prefix of YAML's own; of others, all of it.
    static std::string_view tag_of(const Node& node) {
        const std::string_view tag = node.tag;
        if (tag.starts_with(kTagPrefix)) return tag.substr(kTagPrefix.size());
        if (!tag.empty()) return tag;
        if (node.kind == Kind::List) return "seq";
        if (node.kind == Kind::Map) return "map";
        return node.bare ? implicit_tag(node.text) : "str";
    }

    Yaml make(std::size_t index) {
        const Node& node = nodes_.nodes[index];
        const std::string_view tag = tag_of(node);
        Yaml out;
        if (node.kind == Kind::Scalar &&
            (tag == "str" || tag == "int" || tag == "float" || tag == "bool" || tag == "null" || tag == "timestamp")) {
            out = scalar(node, tag);
        } else if (node.kind == Kind::List && tag == "seq") {
            Yaml::List list;
            list.reserve(node.children.size());
            for (const std::size_t child : node.children) list.push_back(make(child));
            out.data = std::move(list);
        } else if (node.kind == Kind::Map && tag == "map") {
            out.data = map(index);
        } else {
            fail(node.line, fmt::format("tag '{}' on {}, wanted a text, number, truth value, date, list, or mapping",
                                        base::printable(node.tag.empty() ? tag : node.tag, 64),
                                        node.kind == Kind::Scalar ? "a scalar"
                                        : node.kind == Kind::List ? "a list"
                                                                  : "a mapping"));
        }
        out.line = node.line;
        return out;
    }

    Yaml scalar(const Node& node, std::string_view tag) const {
        try {
            Yaml out = make_scalar(tag, node.text);
            out.bare = node.bare && node.tag.empty();
            return out;
        } catch (const BadScalar& bad) {
            fail(node.line, bad.why);
        }
    }

    /// Puts the entries of merged mappings before a mapping's own, which count instead of them.
    void flatten(std::size_t index) {
        if (flat_[index]) return;
        flat_[index] = true;
        std::vector<std::size_t> merged;
        std::vector<std::size_t> own;
        const std::vector<std::size_t> children = nodes_.nodes[index].children;
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            const Node& key = nodes_.nodes[children[i]];
            if (key.kind == Kind::Scalar && tag_of(key) == "merge") {
                merge(children[i + 1], merged);
                continue;
            }
            if (key.kind == Kind::Scalar && tag_of(key) == "value")
                nodes_.nodes[children[i]].tag = "tag:yaml.org,2002:str";
            own.push_back(children[i]);
            own.push_back(children[i + 1]);
        }
        own_from_.emplace(index, merged.size() / 2);
        merged.insert(merged.end(), own.begin(), own.end());
        nodes_.nodes[index].children = std::move(merged);
    }

    /// Of a list of mappings, the first that has a key gives its value.
    void merge(std::size_t value, std::vector<std::size_t>& into) {
        std::vector<std::size_t> sources = {value};
        const Node& node = nodes_.nodes[value];
        if (node.kind == Kind::List) {
            sources = node.children;
            std::ranges::reverse(sources);
        }
        for (const std::size_t source : sources) {
            if (nodes_.nodes[source].kind != Kind::Map)
                fail(nodes_.nodes[source].line,
                     "'<<' merges what is no mapping, wanted a mapping or a list of mappings");
            flatten(source);
            const std::vector<std::size_t>& entries = nodes_.nodes[source].children;
            into.insert(into.end(), entries.begin(), entries.end());
        }
    }

    Yaml::Map map(std::size_t index) {
        flatten(index);
        const std::vector<std::size_t>& children = nodes_.nodes[index].children;
        const std::size_t own_from = own_from_.at(index);
        Yaml::Map out;
        struct Known {
            std::size_t place;
            std::size_t line;
            bool own;
        };
        std::unordered_map<std::string, Known> known;
        for (std::size_t i = 0; i < children.size() / 2; ++i) {
            Yaml key = make(children[2 * i]);
            const std::size_t line = key.line;
            const bool own = i >= own_from;
            const auto [entry, added] = known.try_emplace(identity(key), Known{out.size(), line, own});
            if (added) {
                out.push_back({std::move(key), make(children[2 * i + 1])});
                continue;
            }
            if (own && entry->second.own) warn_of(key, entry->second.line);
            entry->second.line = line;
            entry->second.own = own;
            out[entry->second.place].value = make(children[2 * i + 1]);
        }
        return out;
    }

    void warn_of(const Yaml& key, std::size_t first) {
        if (++repeated_ > kMaxRepeatedKeyLines) return;
        warnings_.push_back(fmt::format("{} line {}: duplicate key '{}', first in line {}: the last one is used",
                                        base::printable(origin_.file), key.line, base::printable(key.python_text(), 64),
                                        first));
    }

    /// Equal for keys that Python takes for equal: 1, 1.0, and true.
    std::string identity(const Yaml& key) const {
        if (key.get<Yaml::List>() != nullptr || key.get<Yaml::Map>() != nullptr)
            fail(key.line, "a key is a list or a mapping, wanted a text or a number");
        if (const auto* text = key.get<std::string>()) return "s" + *text;
        if (const auto* time = key.get<Yaml::Time>()) return "t" + time->text;
        if (const auto* truth = key.get<bool>()) return *truth ? "n1" : "n0";
        if (const auto* real = key.get<double>()) {
            if (*real == std::trunc(*real) && std::abs(*real) < 0x1p63)
                return fmt::format("n{}", static_cast<std::int64_t>(*real));
        }
        return "n" + key.python_text();
    }

    YamlNodes& nodes_;
    const Origin& origin_;
    std::vector<std::string>& warnings_;
    std::vector<bool> flat_;
    std::unordered_map<std::size_t, std::size_t> own_from_;  ///< of mappings, how many merged entries come first
    std::size_t repeated_ = 0;
};

}  // namespace

Yaml parse_yaml(std::string_view text, const Origin& origin, std::vector<std::string>& warnings,
                const YamlLimits& limits) {
    if (text.size() > kMaxYamlBytes) {
        throw Error(ErrorCode::LimitExceeded, origin.area,
                    fmt::format("the YAML has {} bytes, at most {} are read", text.size(), kMaxYamlBytes),
                    {.file = origin.file});
    }
    YamlNodes nodes = compose_yaml(readable(text), origin, limits);
    return Maker(nodes, origin, warnings).make_root();
}

}  // namespace yolovino::documents

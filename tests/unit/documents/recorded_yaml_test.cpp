#include <gtest/gtest.h>
#include <set>

#include "yolovino/error.hpp"

#include "base/text.hpp"
#include "documents/yaml.hpp"
#include "support/recorded_text.hpp"

namespace yolovino::documents {
namespace {

using nlohmann::json;

/// A value in the form of the recorded answers.
json typed(const Yaml& value) {
    if (const auto* truth = value.get<bool>()) return *truth;
    if (const auto* integer = value.get<std::int64_t>()) return json::array({"i", std::to_string(*integer)});
    if (const auto* big = value.get<Yaml::BigInteger>()) return json::array({"i", big->digits});
    if (const auto* real = value.get<double>()) return json::array({"f", base::python_repr(*real)});
    if (const auto* text = value.get<std::string>()) return *text;
    if (const auto* time = value.get<Yaml::Time>()) return json::array({"t", time->text});
    if (const auto* list = value.get<Yaml::List>()) {
        json out = json::array({"l"});
        for (const Yaml& each : *list) out.push_back(typed(each));
        return out;
    }
    if (const auto* map = value.get<Yaml::Map>()) {
        json out = json::array({"m"});
        for (const YamlEntry& each : *map) out.push_back(json::array({typed(each.key), typed(each.value)}));
        return out;
    }
    return nullptr;
}

/// Where yaml-cpp takes what libyaml refuses, and nothing is lost by it: docs/parity.md.
const std::set<std::string> kTaken = {
    "[::]",
    "[a:, b]",
    "[a:]",
    "{: 1}",  // ':' before ',' or ']'
    "-\ta\n",
    "- \ta\n",
    "?\ta\n:\t1\n",
    "a: |\n  \tx\n",
    "\t# c\na: 1\n",  // tabs
    "a: &b x\nb: &b y\nc: *b\n",
    "a: &b&c 1\n",
    "a: &b.c 1\n",  // anchors
};
/// Where yaml-cpp refuses what libyaml takes.
const std::set<std::string> kRefused = {"?\n: 1\n", "{? : 1}"};
/// Where a line separator within a scalar stays one in PyYAML, and is folded as a line end here.
const std::set<std::string> kFolded = {"a: \"x\u2028y\"\n", "a: \"x\u2028  y\"\n", "a: |\n  x\u2028  y\n"};

TEST(RecordedYaml, IsReadAsPyYamlReadsIt) {
    std::size_t seen = 0;
    std::vector<std::string> warnings;
    for (const json& document : test::recorded_text().at("yaml")) {
        ++seen;
        const std::string text = test::recorded_bytes(document.at("in"));
        const std::string kind = document.value("class", "");
        std::string outcome = "refused";
        try {
            outcome = typed(parse_yaml(text, {"test", "x.yaml"}, warnings))
                          .dump(-1, ' ', false, json::error_handler_t::replace);
        } catch (const Error& error) {
            EXPECT_LT(std::string_view(error.what()).size(), 1000U);
        }
        if (kTaken.contains(text) || kRefused.contains(text)) {
            EXPECT_EQ(outcome == "refused", kRefused.contains(text)) << document.at("in").dump();
            EXPECT_EQ(document.contains("error"), kTaken.contains(text)) << document.at("in").dump();
            continue;
        }
        if (kFolded.contains(text)) {
            EXPECT_NE(outcome, document.at("out").dump());
            continue;
        }
        const bool refused = document.contains("error") || kind == "recursive" || kind == "tags_unused";
        EXPECT_EQ(outcome, refused ? "refused" : document.at("out").dump()) << "of " << document.at("in").dump();
    }
    EXPECT_GT(seen, 500U);
}

}  // namespace
}  // namespace yolovino::documents

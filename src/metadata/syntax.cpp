#include "metadata/syntax.hpp"

#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "documents/json.hpp"
#include "documents/yaml.hpp"

namespace yolovino::metadata {

namespace {

constexpr std::string_view kArea = "metadata";

void pay(Budget& budget, int depth, const std::string& file) {
    if (budget.pay(depth)) return;
    throw Error(ErrorCode::LimitExceeded, kArea,
                fmt::format("the metadata is larger than {} values or deeper than {} levels", Budget::kMaxValues,
                            Budget::kMaxDepth),
                {.file = file});
}

/// Copies a parsed document into the tree.
class Copy {
public:
    explicit Copy(const std::string& file) : file_(file) {}

    Value of(const documents::Yaml& yaml, int depth = 0) {
        pay(budget_, depth, file_);
        if (yaml.is_null()) return {};
        if (const auto* truth = yaml.get<bool>()) return {*truth};
        if (const auto* integer = yaml.get<std::int64_t>()) return {*integer};
        if (const auto* real = yaml.get<double>()) return {*real};
        if (const auto* items = yaml.get<documents::Yaml::List>()) {
            Value::List list;
            for (const documents::Yaml& each : *items) list.push_back(of(each, depth + 1));
            return {std::move(list)};
        }
        if (const auto* entries = yaml.get<documents::Yaml::Map>()) {
            Value::Map map;
            for (const auto& [key, value] : *entries) map.push_back({of(key, depth + 1), of(value, depth + 1)});
            return {std::move(map)};
        }
        return {yaml.python_text()};
    }

private:
    const std::string& file_;
    Budget budget_;
};

/// Makes the tree while the text is read; keys are found by their hash, since a mapping may have hundreds of thousands.
class Tree final : public documents::JsonSink {
public:
    explicit Tree(const std::string& file) : file_(file) {}

    void scalar(nlohmann::json&& value) override { place(value_of(std::move(value))); }
    void begin_list() override { open_.push_back({&place({Value::List()}), {}, 0}); }
    void begin_map() override { open_.push_back({&place({Value::Map()}), {}, 0}); }
    void key(std::string&& name) override {
        Open& open = open_.back();
        auto& map = std::get<Value::Map>(open.value->data);
        const auto [known, added] = open.places.emplace(name, map.size());
        // Of equal keys the last one counts, as in Python.
        if (added) map.push_back({{std::move(name)}, {}});
        open.place = known->second;
    }
    void end() override { open_.pop_back(); }

    Value take() { return std::move(root_); }

private:
    struct Open {
        Value* value;
        std::unordered_map<std::string, std::size_t> places;  ///< of keys
        std::size_t place;                                    ///< of the key whose value comes next
    };

    static Value value_of(nlohmann::json&& value) {
        if (value.is_boolean()) return {value.get<bool>()};
        if (value.is_number_integer()) return {value.get<std::int64_t>()};
        if (value.is_number()) return {value.get<double>()};
        if (value.is_string()) return {std::move(value.get_ref<std::string&>())};
        return {};
    }

    /// Nothing else is put into a value while one below it is open, so that its place stays.
    Value& place(Value value) {
        pay(budget_, static_cast<int>(open_.size()), file_);
        if (open_.empty()) return root_ = std::move(value);
        Open& open = open_.back();
        if (auto* list = std::get_if<Value::List>(&open.value->data)) return list->emplace_back(std::move(value));
        return std::get<Value::Map>(open.value->data)[open.place].value = std::move(value);
    }

    const std::string& file_;
    Budget budget_;
    Value root_;
    std::vector<Open> open_;
};

}  // namespace

Value parse_yaml(std::string_view text, const std::string& file) {
    std::vector<std::string> warnings;
    const documents::Yaml root = documents::parse_yaml(text, {kArea, file}, warnings, {.values = Budget::kMaxValues});
    for (const std::string& line : warnings) base::warn("{}", line);
    return Copy(file).of(root);
}

Value parse_json(std::string_view text, const std::string& file) {
    Tree tree(file);
    documents::read_json(text, {kArea, file}, tree);
    return tree.take();
}

}  // namespace yolovino::metadata

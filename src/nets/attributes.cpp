#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "nets/builder.hpp"

namespace yolovino::nets {

void Attributes::fail(std::string_view name, std::string_view wanted) const {
    const checkpoint::Value* value = module_.attribute(name);
    throw Error(ErrorCode::CorruptFile, "nets",
                fmt::format("'{}' of {} is {}, wanted {}", name, module_.class_name,
                            value == nullptr ? "absent" : value->to_text(), wanted),
                {.file = file_, .module_path = path_});
}

std::int64_t Attributes::integer(std::string_view name) const {
    const checkpoint::Value* value = module_.attribute(name);
    const auto number = value == nullptr ? std::nullopt : value->as_int();
    if (!number) fail(name, "an integer");
    return *number;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t if_absent) const {
    return module_.attribute(name) == nullptr ? if_absent : integer(name);
}

bool Attributes::boolean(std::string_view name, bool if_absent) const {
    const checkpoint::Value* value = module_.attribute(name);
    if (value == nullptr) return if_absent;
    const auto flag = value->as_bool();
    if (!flag) fail(name, "True or False");
    return *flag;
}

double Attributes::number(std::string_view name) const {
    const checkpoint::Value* value = module_.attribute(name);
    const auto number = value == nullptr ? std::nullopt : value->as_number();
    if (!number || !std::isfinite(*number)) fail(name, "a number");
    return *number;
}

double Attributes::number(std::string_view name, double if_absent) const {
    return module_.attribute(name) == nullptr ? if_absent : number(name);
}

graph::Pair Attributes::pair(std::string_view name) const {
    const checkpoint::Value* value = module_.attribute(name);
    if (value != nullptr && value->as_int()) return {*value->as_int(), *value->as_int()};
    const std::vector<std::int64_t> both = integers(name);
    if (both.size() != 2) fail(name, "an integer or a pair of integers");
    return {both[0], both[1]};
}

std::vector<std::int64_t> Attributes::integers(std::string_view name) const {
    const checkpoint::Value* value = module_.attribute(name);
    if (value == nullptr) fail(name, "integers");
    if (value->as_int()) return {*value->as_int()};
    const checkpoint::List* list = value->as_list();
    if (list == nullptr) fail(name, "an integer or a list of integers");
    std::vector<std::int64_t> integers;
    for (const checkpoint::Value& item : *list) {
        if (!item.as_int()) fail(name, "integers only");
        integers.push_back(*item.as_int());
    }
    return integers;
}

}  // namespace yolovino::nets

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "options/argument.hpp"
#include "options/modes.hpp"
#include "options/settings.hpp"

namespace yolovino::options {

/// The numbers that an option accepts; without limits, all.
struct Range {
    std::optional<double> lowest = {};
    std::optional<double> highest = {};
    std::string_view words = {};     ///< as messages write it; empty: the limits
    bool (*rule)(double) = nullptr;  ///< a condition besides the limits
    bool holds(double number) const;
    /// `0 to 1`, `at least 1`, `words`, or empty
    std::string text() const;
};

/// How one mode uses an option.
struct Binding {
    Mode mode;
    std::string area;                                     ///< of errors: `predict`, `runtime`
    std::string type;                                     ///< as help writes it: `int`, `bool`
    std::string wanted;                                   ///< as errors write it: `an integer`
    std::function<bool(Settings&, const Argument&)> set;  ///< false: the value has the wrong type
    std::function<std::string(const Settings&)> show;     ///< as it would be typed; `None` if it is unset
    /// What is wrong with the value, such as `is 2, wanted 0 to 1`; empty: nothing. Null: all values are right.
    std::function<std::string(const Settings&, const Range&)> problem = {};
};

/// One row of the schema.
struct Option {
    std::string key;
    std::string help;
    Range range = {};
    std::vector<std::string> choices = {};  ///< there are no others
    std::vector<std::string> values = {};   ///< what completion offers where there are no choices
    bool takes_none = false;                ///< as its default
    std::vector<Binding> bindings = {};

    bool is_bool() const { return bindings.front().type == "bool"; }
    const Binding* binding(Mode mode) const;
    std::string default_text(Mode mode) const;
    /// `a number from 0 to 1`
    std::string wanted() const;
    /// `0 to 1`, `one of ultralytics, classic`, or empty
    std::string limits() const;
    /// @throws UsageError if the type or the range is wrong
    void apply(Mode mode, const Argument& argument, Settings& settings) const;
};

}  // namespace yolovino::options

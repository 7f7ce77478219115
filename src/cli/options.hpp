#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/agree.hpp"
#include "yolovino/args.hpp"

#include "cli/value.hpp"

namespace yolovino::cli {

/// The command line is wrong; each line is one complaint.
class UsageError : public std::runtime_error {
public:
    explicit UsageError(const std::string& line) : UsageError(std::vector<std::string>{line}) {}
    explicit UsageError(std::vector<std::string> lines)
        : std::runtime_error(lines.empty() ? std::string() : lines.front()), lines_(std::move(lines)) {}
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::vector<std::string> lines_;
};

enum class Mode { Predict, Val, Export, Benchmark, Info, Agree };

struct ModeInfo {
    Mode mode;
    std::string_view name;
    std::string_view summary;
    std::string_view example;
};

const std::vector<ModeInfo>& modes();
const ModeInfo& describe(Mode mode);
std::optional<Mode> find_mode(std::string_view name);

struct InfoArgs {
    bool verbose = false;
    bool save_json = false;
    bool audit = false;   ///< look for what Python would run, instead of reading the model
    bool strict = false;  ///< the audit fails for unknown names, too
    std::string device;   ///< whose precision of each layer is shown; empty: none
};

/// Everything that a run needs.
struct Settings {
    std::string mode;
    std::string task;
    std::string model;
    std::string source;
    bool int8 = false;  ///< the model must be one of 8 bits; predict and val
    PredictArgs predict = {};
    ValArgs val = {};
    std::string merge;  ///< parts of a validation to put together
    ExportArgs exporting = {};
    BenchmarkArgs benchmark = {};
    InfoArgs info = {};
    AgreeArgs agree = {};
    bool agree_json = false;
};

/// The library's defaults, except that the command saves pictures.
Settings default_settings();

/// One `key=value` as it was written.
struct Argument {
    std::string key;
    std::string raw;
    Value value;
    bool from_file = false;
};

/// How one mode uses an option.
struct Binding {
    Mode mode;
    std::string type;                                     ///< as help writes it: `int`, `bool`
    std::string wanted;                                   ///< as errors write it: `an integer`
    std::function<bool(Settings&, const Argument&)> set;  ///< false: the value has the wrong type
    std::function<std::string(const Settings&)> show;     ///< as it would be typed; `None` if it is unset
};

struct Option {
    std::string key;
    std::string help;
    std::optional<double> lowest = {};
    std::optional<double> highest = {};
    std::vector<std::string> choices = {};
    bool takes_none = false;               ///< as its default
    std::vector<std::string> values = {};  ///< what completion offers where there are no choices
    std::vector<Binding> bindings = {};

    bool is_bool() const { return bindings.front().type == "bool"; }
    const Binding* binding(Mode mode) const;
    std::string default_text(Mode mode) const;
    /// `a number from 0 to 1`
    std::string wanted() const;
    /// `0 to 1`, or empty
    std::string range() const;
    /// @throws UsageError if the type or the range is wrong
    void apply(Mode mode, const Argument& argument, Settings& settings) const;
};

/// The one table of arguments, in the order of help.
const std::vector<Option>& options();
const Option* find_option(std::string_view key);

/// Arguments that Ultralytics has and this version has not.
bool is_unsupported(std::string_view key);

/// Whether Ultralytics would give another result in this mode with an unsupported argument.
bool would_matter(std::string_view key, Mode mode);

}  // namespace yolovino::cli

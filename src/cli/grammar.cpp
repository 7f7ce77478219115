#include "cli/grammar.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "cli/config_file.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"
#include "cli/unsupported.hpp"

namespace yolovino::cli {

namespace {

using Kind = Command::Kind;

const std::vector<std::string> kOtherModes = {"train"};
const std::vector<std::string> kTasks = {"detect", "segment", "classify", "pose", "obb", "semantic", "depth"};
const std::vector<std::string> kOtherSpecials = {"settings", "solutions", "login", "logout", "hub"};

bool contains(const std::vector<std::string>& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

/// `help`, `-help`, `--help`, `-h`, `h`, and the singular of a plural.
std::optional<Kind> find_special(std::string_view token) {
    if (token.starts_with("--"))
        token.remove_prefix(2);
    else if (token.starts_with("-"))
        token.remove_prefix(1);
    if (token == "help" || token == "h") return Kind::Help;
    if (token == "version" || token == "v") return Kind::Version;
    if (token == "checks" || token == "check") return Kind::Checks;
    if (token == "cfg") return Kind::Cfg;
    if (token == "copy-cfg") return Kind::CopyCfg;
    if (token == "completion") return Kind::Completion;
    return std::nullopt;
}

/// A word, with its default where it is an argument.
std::string with_default(const std::string& word, std::optional<Mode> mode) {
    const Option* option = find_option(word);
    if (option == nullptr) return word;
    const Mode shown = mode && option->binding(*mode) != nullptr ? *mode : option->bindings.front().mode;
    const std::string text = option->default_text(shown);
    return text == "None" ? word : fmt::format("{}={}", word, text);
}

std::string example_of(const Option& option) {
    std::string shown = option.default_text(option.bindings.front().mode);
    if (shown != "None") return shown;
    if (!option.values.empty()) return option.values.front();
    for (const auto& [key, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"model", "yolov8n.pt"}, {"source", "bus.jpg"}, {"data", "coco128.yaml"}, {"imgsz", "640"}}) {
        if (option.key == key) return std::string(value);
    }
    return option.bindings.front().type == "int" ? "1" : "value";
}

/// Whether an argument without effect has none in Ultralytics either: it is off, or has the value that it has by
/// itself.
bool asks_for_nothing(const Argument& argument) {
    const Option* option = find_option(argument.key);
    const double* number = argument.value.get<double>();
    if (argument.key == "fraction" && number != nullptr && *number == 1) return true;
    // Other modes' arguments have to be right, too, but for a classic one of many modes.
    if (option != nullptr && option->key != "int8" && reason_of(option->key).empty()) return false;
    const bool* flag = argument.value.get<bool>();
    return argument.value.is_none() || (flag != nullptr && !*flag);
}

std::string listed_modes() {
    return join(mode_names(), ", ");
}

/// A line that ends in the command to type.
struct Suggestion : UsageError {
    using UsageError::UsageError;
};

class Parser {
public:
    explicit Parser(const LogSink& notice) : notice_(notice) {}

    Command parse(const std::vector<std::string>& tokens) {
        try {
            for (const std::string& token : tokens) classify(token);
            if (special_) return special_command();
            return run_command();
        } catch (const Suggestion&) {
            throw;  // says already what to type
        } catch (const UsageError& e) {
            const std::string topic = mode_ ? fmt::format(" {}", describe(*mode_).name) : "";
            std::vector<std::string> lines;
            for (const std::string& line : e.lines())
                lines.push_back(fmt::format("{}; run 'yolo help{}'", line, topic));
            throw UsageError(std::move(lines));
        }
    }

private:
    void warn(const std::string& line) const {
        if (notice_) notice_(LogLevel::Warning, line);
    }

    void complain(std::string line) { complaints_.push_back(std::move(line)); }

    void classify(std::string token) {
        if (find_special(token)) return special(token);
        others_.push_back(token);
        if (token.starts_with("--")) {
            const std::string shorter = token.substr(2);
            warn(fmt::format("argument '{}' does not need leading dashes '--', read as '{}'", safe(token),
                             safe(shorter)));
            token = shorter;
        }
        if (token.ends_with(",")) {
            token.pop_back();
            warn(fmt::format("argument '{},' does not need a trailing comma ',', read as '{}'", safe(token),
                             safe(token)));
        }
        const std::size_t equals = token.find('=');
        if (equals == std::string::npos) return bare(token);
        const std::string key(trim(std::string_view(token).substr(0, equals)));
        const std::string raw(trim(std::string_view(token).substr(equals + 1)));
        if (key.empty()) return complain(fmt::format("'{}' has no name before '='", safe(token)));
        if (raw.empty()) return complain(fmt::format("'{}=' has no value: write '{}=value'", safe(key), safe(key)));
        Value value = parse_value(raw);
        if (key != "cfg") return key_value({key, raw, std::move(value), false});
        if (!value.is_none()) load_file(raw);
    }

    void special(const std::string& token) {
        if (!special_ || find_special(token) == Kind::Help) special_ = find_special(token);
    }

    void bare(const std::string& word) {
        if (find_mode(word) || contains(kOtherModes, word)) return set_mode(word);
        if (contains(kTasks, word)) return set_task(word);
        if (contains(kOtherSpecials, word))
            return complain(fmt::format("'yolo {}' is not offered by this version of yolovino", word));
        const Option* option = find_option(word);
        const bool is_flag =
            (option != nullptr && option->is_bool()) || contains({"int8", "boxes", "hide_labels", "hide_conf"}, word);
        if (is_flag) return key_value({word, "True", Value{true}, false});
        if (option != nullptr) {
            return complain(fmt::format("'{}' is an argument that needs '=' and a value, for example '{}={}'", word,
                                        word, example_of(*option)));
        }
        if (is_unsupported(word)) return key_value({word, "True", Value{true}, false});
        words_.push_back(word);
    }

    void set_mode(const std::string& name) {
        other_mode_.clear();
        modes_.push_back(name);
        mode_ = find_mode(name);
        if (!mode_) other_mode_ = name;
    }

    void set_task(const std::string& name) { key_value({"task", name, Value{name}, false}); }

    void key_value(Argument argument) {
        rename(argument);
        static const std::vector<std::string> kRemoved = {"label_smoothing", "save_hybrid", "crop_fraction", "keras"};
        if (contains(kRemoved, argument.key)) {
            return warn(fmt::format("'{}' was removed from Ultralytics and is ignored", argument.key));
        }
        if (argument.key == "mode" && contains({"auto", "latency", "throughput"}, lower(argument.raw)))
            argument.key = "performance";  // as OpenVINO's samples spell it
        if (argument.key == "mode") return mode_argument(argument);
        if (argument.key == "task" && argument.raw == describe(Mode::Track).name) return track_task(argument);
        if (find_option(argument.key) == nullptr && !is_unsupported(argument.key)) {
            if (find_mode(argument.key))
                return complain(fmt::format("'{}={}' gives a value to a mode: write '{}' alone", argument.key,
                                            safe(argument.raw), argument.key));
            return complain(unknown(argument.key));
        }
        if (argument.key == "ov.config") join_repeated(argument);
        std::erase_if(arguments_, [&](const Argument& each) { return each.key == argument.key; });
        arguments_.push_back(std::move(argument));
    }

    /// This one may be given several times.
    void join_repeated(Argument& argument) const {
        const auto before = std::ranges::find(arguments_, argument.key, &Argument::key);
        if (before == arguments_.end() || before->value.is_none() || argument.value.is_none()) return;
        argument.raw = fmt::format("{},{}", before->raw, argument.raw);
    }

    /// A mode that is taken for a task.
    void track_task(const Argument& argument) {
        const std::string mode(describe(Mode::Track).name);
        warn(fmt::format("'task={}' is a mode, not a task: read as 'mode={}'", mode, mode));
        mode_argument({"mode", mode, Value{mode}, argument.from_file});
    }

    void mode_argument(const Argument& argument) {
        if (argument.from_file && (mode_ || !other_mode_.empty())) return;
        if (argument.value.is_none()) return;
        if (find_mode(argument.raw) || contains(kOtherModes, argument.raw)) return set_mode(argument.raw);
        complain(fmt::format("'mode={}' is not known: choose from {}", safe(argument.raw), listed_modes()));
    }

    void rename(Argument& argument) const {
        struct Renamed {
            std::string_view before;
            std::string_view now;
            bool inverted;
        };
        static constexpr Renamed kRenamed[] = {{"boxes", "show_boxes", false},
                                               {"hide_labels", "show_labels", true},
                                               {"hide_conf", "show_conf", true},
                                               {"line_thickness", "line_width", false}};
        for (const Renamed& each : kRenamed) {
            if (argument.key != each.before) continue;
            argument.key = each.now;
            if (const bool* flag = argument.value.get<bool>(); each.inverted && flag != nullptr) {
                const bool shown = !*flag;
                argument.value = Value{shown};
                argument.raw = shown ? "True" : "False";
            }
            warn(fmt::format("'{}' is deprecated, use '{}={}'", each.before, each.now, safe(argument.raw)));
        }
    }

    void load_file(const std::string& path) {
        arguments_.clear();
        std::vector<std::string> warnings;
        for (Argument& argument : read_config_file(path, warnings)) key_value(std::move(argument));
        for (const std::string& each : warnings) warn(each);
    }

    std::string unknown(const std::string& word) const {
        std::vector<std::string> candidates;
        for (const Option& each : schema()) candidates.push_back(each.key);
        for (const ModeInfo& each : modes()) {
            candidates.emplace_back(each.name);
            if (!each.alias.empty()) candidates.emplace_back(each.alias);
        }
        candidates.insert(candidates.end(), kTaskNames.begin(), kTaskNames.end());
        candidates.insert(candidates.end(), special_words().begin(), special_words().end());
        std::vector<std::string> close = close_matches(word, candidates);
        for (std::string& each : close) each = with_default(each, mode_);
        const std::string similar = close.empty() ? "" : fmt::format("; similar arguments: {}", join(close, ", "));
        return fmt::format("'{}' is not a valid YOLO argument{}", safe(word), similar);
    }

    Command special_command() {
        Command command;
        command.kind = *special_;
        command.mode = mode_;
        const std::string others = safe(join(others_, " "));
        if (*special_ == Kind::Help) {
            if (!words_.empty()) throw UsageError(unknown(words_.front()));
            if (modes_.size() > 1)
                throw UsageError(fmt::format("help explains one mode, got {}", join(modes_, " and ")));
        } else if (*special_ == Kind::Completion) {
            if (!others_.empty() && others_ != std::vector<std::string>{"bash"})
                throw UsageError(
                    fmt::format("completion is offered for bash and takes no other words, got '{}'", others));
        } else if (!others_.empty()) {
            throw UsageError(fmt::format("'yolo {}' takes no other words, got '{}'",
                                         special_words()[static_cast<std::size_t>(*special_) - 1], others));
        }
        return command;
    }

    Command run_command() {
        complain_of_words();
        if (!complaints_.empty()) throw UsageError(complaints_);
        if (!other_mode_.empty()) {
            throw UsageError(fmt::format("mode '{}' is not offered by this version of yolovino; it offers {}",
                                         other_mode_, listed_modes()));
        }
        if (!mode_ && arguments_.empty()) return {};
        if (!mode_) throw UsageError(fmt::format("'mode' is missing: choose from {}", listed_modes()));
        Command command{Kind::Run, mode_, default_settings()};
        command.settings.mode = describe(*mode_).name;
        check_arguments();
        warn_of_end2end();
        for (const Option& option : schema()) {
            const auto found = std::ranges::find(arguments_, option.key, &Argument::key);
            if (found != arguments_.end() && option.binding(*mode_) != nullptr)
                apply(option, *mode_, *found, command.settings);
        }
        if (!complaints_.empty()) throw UsageError(complaints_);
        check_required(command.settings);
        name_after_model(command.settings);
        if (command.settings.source == "-") set_up_pipe(command.settings);
        if (*mode_ == Mode::Export) default_format(command.settings.export_args);
        return command;
    }

    /// As it is read, together with nms.
    void warn_of_end2end() const {
        const auto found = std::ranges::find(arguments_, "end2end", &Argument::key);
        const Option* option = find_option("end2end");
        if (found == arguments_.end() || option->binding(*mode_) == nullptr) return;
        const bool* flag = found->value.get<bool>();
        if (flag == nullptr) return;
        const auto nms = std::ranges::find(arguments_, "nms", &Argument::key);
        const bool* kept = nms == arguments_.end() ? nullptr : nms->value.get<bool>();
        const bool stays = kept != nullptr && *kept;
        warn(fmt::format("'end2end={}' is deprecated, use 'nms={}'", *flag ? "True" : "False",
                         *flag   ? "False"
                         : stays ? "True"
                                 : "None"));
    }

    /// Files without the name of their argument are a habit of other programs: the line that was meant helps most.
    void complain_of_words() {
        if (words_.empty()) return;
        std::vector<std::string> given;
        for (const Argument& argument : arguments_) given.push_back(argument.key);
        const auto meant = complaints_.empty() ? suggest_command(others_, words_, given, mode_) : std::nullopt;
        if (meant) {
            std::vector<std::string> quoted;
            for (const std::string& word : words_) quoted.push_back(fmt::format("'{}'", safe(word)));
            throw Suggestion(fmt::format("{} {} no argument name; did you mean: {}", join(quoted, " and "),
                                         words_.size() == 1 ? "has" : "have", *meant));
        }
        for (const std::string& word : words_) complain(unknown(word));
    }

    /// One set of arguments may serve all modes, as it does for Ultralytics: what has no effect in this one is named in
    /// a warning, and refused where Ultralytics would give another result for it.
    void check_arguments() {
        std::vector<std::string> unused;
        std::vector<std::string> unused_of_file;
        for (const Argument& argument : arguments_) {
            const Option* option = find_option(argument.key);
            if (option != nullptr && option->binding(*mode_) != nullptr) continue;
            if (asks_for_nothing(argument) || (option != nullptr && option->key != "int8" && argument.from_file))
                continue;
            if (!argument.from_file && would_matter(argument.key, *mode_)) {
                complain(fmt::format("argument '{}' of Ultralytics is not supported by this version of yolovino: {}",
                                     argument.key, reason_of(argument.key)));
                continue;
            }
            (argument.from_file ? unused_of_file : unused).push_back(argument.key);
            if (option != nullptr) expect_type(*option, argument);
        }
        warn_unused(unused, "arguments");
        warn_unused(unused_of_file, "arguments of the cfg file");
    }

    void warn_unused(const std::vector<std::string>& keys, std::string_view what) const {
        if (!keys.empty())
            warn(fmt::format("{} without effect in {}: {}", what, describe(*mode_).name, join(keys, ", ")));
    }

    /// An argument of another mode has to be right, too.
    void expect_type(const Option& option, const Argument& argument) {
        Settings scratch = default_settings();
        apply(option, option.bindings.front().mode, argument, scratch);
    }

    void apply(const Option& option, Mode mode, const Argument& argument, Settings& settings) {
        try {
            option.apply(mode, argument, settings);
        } catch (const UsageError& e) {
            for (const std::string& line : e.lines()) complain(line);
        }
    }

    void name_after_model(Settings& settings) const {
        std::filesystem::path model = settings.model;
        if (!model.has_filename()) model = model.parent_path();
        for (std::string* name :
             {&settings.predict.name, &settings.track.predict.name, &settings.val.name, &settings.benchmark.name}) {
            if (*name != "model" || model.empty()) continue;
            *name = model.stem().string();
            warn(fmt::format("'name=model' automatically updated to 'name={}'", safe(*name)));
        }
    }

    /// A filter answers each image of its input and leaves nothing else behind unless it is told to.
    void set_up_pipe(Settings& settings) const {
        const auto is_given = [&](std::string_view key) {
            return std::ranges::find(arguments_, key, &Argument::key) != arguments_.end();
        };
        for (PredictArgs* args : {&settings.predict, &settings.track.predict}) {
            if (!is_given("save")) args->save = false;
            if (!is_given("error_results")) args->error_results = true;
        }
    }

    void check_required(const Settings& settings) const {
        if (*mode_ == Mode::Val && !settings.merge.empty()) return;
        if (*mode_ == Mode::Serve && settings.serve.probe) return;
        if (settings.model.empty()) {
            throw UsageError(
                "'model' argument is missing: give a checkpoint or an exported folder, for example 'model=yolov8n.pt'");
        }
        const bool needs_data = (*mode_ == Mode::Val && settings.val.data.empty()) ||
                                (*mode_ == Mode::Benchmark && settings.benchmark.data.empty());
        if (needs_data) {
            throw UsageError("'data' argument is missing: give a dataset YAML, for example 'data=coco128.yaml'");
        }
        if ((*mode_ == Mode::Predict || *mode_ == Mode::Track || *mode_ == Mode::Agree) && settings.source.empty()) {
            throw UsageError(
                "'source' argument is missing: give an image, folder, video, or camera, for example 'source=bus.jpg'");
        }
    }

    void default_format(ExportArgs& args) const {
        const bool given = std::ranges::find(arguments_, "format", &Argument::key) != arguments_.end();
        if (given && !args.format.empty()) return;
        args.format = ExportArgs().format;
        warn(fmt::format("'format' argument is missing: using default 'format={}'", args.format));
    }

    const LogSink& notice_;
    std::optional<Kind> special_;
    std::optional<Mode> mode_;
    std::string other_mode_;
    std::vector<Argument> arguments_;
    std::vector<std::string> words_;
    std::vector<std::string> modes_;
    std::vector<std::string> others_;  ///< all but the special words
    std::vector<std::string> complaints_;
};

std::vector<std::string> join_equals(const std::vector<std::string>& tokens) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string& token = tokens[i];
        const bool has_next = i + 1 < tokens.size();
        if (token == "=" && !out.empty() && has_next) {
            out.back() += "=" + tokens[++i];
        } else if (token.size() > 1 && token.ends_with('=') && has_next &&
                   tokens[i + 1].find('=') == std::string::npos) {
            out.push_back(token + tokens[++i]);
        } else if (token.starts_with('=') && !out.empty()) {
            out.back() += token;
        } else {
            out.push_back(token);
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> join_tokens(const std::vector<std::string>& tokens) {
    const std::vector<std::string> joined = join_equals(tokens);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < joined.size(); ++i) {
        std::string whole = joined[i];
        const auto open = [](const std::string& text) {
            return std::ranges::count(text, '[') - std::ranges::count(text, ']');
        };
        std::size_t last = i;
        // A file name may hold a lone bracket: without its partner the token stays as it is.
        while (open(whole) > 0 && last + 1 < joined.size()) whole += joined[++last];
        if (open(whole) == 0)
            i = last;
        else
            whole = joined[i];
        out.push_back(std::move(whole));
    }
    return out;
}

const std::vector<std::string>& special_words() {
    static const std::vector<std::string> kWords = {"help", "version", "checks", "cfg", "copy-cfg", "completion"};
    return kWords;
}

Command parse_command(const std::vector<std::string>& tokens, const LogSink& notice) {
    return Parser(notice).parse(join_tokens(tokens));
}

}  // namespace yolovino::cli

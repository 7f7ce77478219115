#include "cli/help.hpp"

#include <fmt/format.h>

#include "cli/grammar.hpp"
#include "cli/text.hpp"

namespace yolovino::cli {

namespace {

constexpr std::string_view kStatus = R"(Exit status:
  0  the work is done
  1  it failed; the reason is on standard error
  2  the command line is wrong
  130, 143  ended by Ctrl-C or by a signal to terminate
  141  whoever reads standard output has gone
)";

std::string overview() {
    std::string text = "Usage: yolo [TASK] MODE [arg=value ...]\n\nModes:\n";
    for (const ModeInfo& each : modes()) text += fmt::format("  {:<11}{}\n", each.name, each.summary);
    const std::vector<std::string> tasks(kTaskNames.begin(), kTaskNames.end());
    text += fmt::format("\nTask: {}; the model says which, so it may be left out\n", join(tasks, ", "));
    text += R"(
Commands:
  help [MODE]      this page, or all arguments of a mode
  version          the version of yolovino
  checks           the machine, OpenVINO, and its devices
  cfg              all arguments and defaults as YAML
  copy-cfg         the same as a file, default_copy.yaml; edit it and give it as cfg=default_copy.yaml
  completion bash  a script for the shell: source <(yolo completion bash)

Examples:
)";
    for (const ModeInfo& each : modes()) text += fmt::format("  {}\n", each.example);
    text += "\nThe order of task, mode, and arguments is free. True-or-False arguments may be given by name alone.\n\n";
    return text + std::string(kStatus);
}

std::string mode_page(Mode mode) {
    const ModeInfo& about = describe(mode);
    std::string text = fmt::format("Usage: yolo {} [arg=value ...]\n\n{}\n\nArguments, with their defaults:\n",
                                   about.name, about.summary);
    for (const Option& option : schema()) {
        const Binding* binding = option.binding(mode);
        if (binding == nullptr || option.key == "mode") continue;
        const std::string range = option.limits().empty() ? "" : ", " + option.limits();
        text += fmt::format("  {:<24}{}  ({}{})\n", fmt::format("{}={}", option.key, option.default_text(mode)),
                            option.help, binding->type, range);
    }
    text += "  cfg=file.yaml           arguments from a file; later arguments win\n";
    text += fmt::format("\nExample:\n  {}\n\n{}", about.example, kStatus);
    return text;
}

std::string keys_of(Mode mode) {
    std::vector<std::string> keys;
    for (const Option& option : schema()) {
        if (option.key != "mode" && option.binding(mode) != nullptr) keys.push_back(option.key + "=");
    }
    keys.emplace_back("cfg=");
    return join(keys, " ");
}

/// `compare|agree`, as a pattern of the shell.
std::string pattern_of(const ModeInfo& mode) {
    return std::string(mode.name) + (mode.alias.empty() ? "" : fmt::format("|{}", mode.alias));
}

std::string mode_patterns() {
    std::vector<std::string> patterns;
    for (const ModeInfo& each : modes()) patterns.push_back(pattern_of(each));
    return join(patterns, "|");
}

std::string value_cases() {
    std::vector<std::string> flags;
    std::vector<std::string> files = {"cfg", "model", "source", "project"};
    std::string text;
    for (const Option& option : schema()) {
        const std::vector<std::string>& values = option.choices.empty() ? option.values : option.choices;
        if (option.is_bool())
            flags.push_back(option.key);
        else if (option.bindings.front().type == "path")
            files.push_back(option.key);
        else if (!values.empty())
            text += fmt::format("      {}) words=\"{}\" ;;\n", option.key, join(values, " "));
    }
    text += fmt::format("      {}) words=\"True False\" ;;\n", join(flags, "|"));
    text += fmt::format("      {}) _yolo_files \"$before\" \"$cur\"; return ;;\n", join(files, "|"));
    return text;
}

constexpr std::string_view kFiles = R"(# bash completion for yolo: source <(yolo completion bash)
_yolo_files() {
  mapfile -t COMPREPLY < <(compgen -f -- "$2")
  if [[ -z $1 ]]; then compopt -o filenames; return; fi
  [[ ${#COMPREPLY[@]} == 1 && -d ${COMPREPLY[0]} ]] && { COMPREPLY[0]+=/; compopt -o nospace; }
  COMPREPLY=("${COMPREPLY[@]/#/$1}")
}
)";

// Bash splits `conf=0.5` into three words, unless its COMP_WORDBREAKS was changed.
constexpr std::string_view kKey = R"(_yolo() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev="" key="" before="" words="" mode="" word
  COMPREPLY=()
  (( COMP_CWORD > 0 )) && prev=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $cur == "=" ]]; then key=$prev; cur=""
  elif [[ $prev == "=" ]] && (( COMP_CWORD > 1 )); then key=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == *=* ]]; then key=${cur%%=*}; before=$key=; cur=${cur#*=}; fi
)";

}  // namespace

std::string help_text(std::optional<Mode> mode) {
    return mode ? mode_page(*mode) : overview();
}

std::string config_text() {
    std::string text =
        "# Arguments of yolo with their defaults. Edit a copy and use it: yolo predict cfg=copy.yaml source=bus.jpg\n";
    for (const Option& option : schema()) {
        if (option.key == "mode") continue;
        const Binding& first = option.bindings.front();
        const std::string value = option.default_text(first.mode);
        text += fmt::format("{:<24} # ({}) {}\n", fmt::format("{}:{}", option.key, value == "None" ? "" : " " + value),
                            first.type, option.help);
    }
    return text;
}

std::string bash_completion() {
    std::string text = std::string(kFiles) + std::string(kKey);
    text += "  if [[ -n $key ]]; then\n    case $key in\n" + value_cases() + "    esac\n";
    text += "    mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$words\" -- \"$cur\")\n    return\n  fi\n";
    text += "  for word in \"${COMP_WORDS[@]:1}\"; do\n    case $word in " + mode_patterns() +
            ") mode=$word ;; esac\n  done\n";
    text += "  case $prev in\n    help|-h|--help) mode=help; words=\"" + join(mode_names(), " ") + "\" ;;\n";
    text += "    completion) mode=completion; words=bash ;;\n  esac\n  case $mode in\n    help|completion) ;;\n";
    for (const ModeInfo& each : modes())
        text += fmt::format("    {}) words=\"{}\" ;;\n", pattern_of(each), keys_of(each.mode));
    text += fmt::format("    *) words=\"{} {} {}\" ;;\n  esac\n", join({kTaskNames.begin(), kTaskNames.end()}, " "),
                        join(mode_names(), " "), join(special_words(), " "));
    text += "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n";
    text += "  [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n}\ncomplete -F _yolo yolo\n";
    return text;
}

}  // namespace yolovino::cli

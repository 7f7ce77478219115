#pragma once

#include <string>
#include <string_view>

#include "yolovino/audit.hpp"

namespace yolovino::scan {

struct Judgement {
    NameVerdict verdict = NameVerdict::Unknown;
    std::string_view reason;  ///< lives as long as the program
};

/// What `module.name` can do, whatever is done with it.
Judgement judge(std::string_view module, std::string_view name);

/// Whether any name of the module can be dangerous; quick, for text that is probably no name at all.
bool may_be_dangerous(std::string_view module);

/// Whether the name is a class of networks that a pickle may make but not call: calling it runs its constructor.
bool is_network_class(std::string_view module) noexcept;

/// What getattr of a constant attribute can do: those of fused models are known.
Judgement judge_attribute(std::string_view attribute);

}  // namespace yolovino::scan

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

/// Uses of a name that are harmless; any other is not.
enum class Use {
    Any,
    AsClass,           ///< making instances of it; its constructor may do anything
    Getattr,           ///< with an attribute that is known
    Reconstructor,     ///< of a class on a builtin one
    RebuildFromType,   ///< with a function of torch._utils
    RebuildWithState,  ///< with a state that holds no method
    DefaultFactory,    ///< of a class
    Partial,           ///< of a function that is harmless whatever it is given
};
Use use_of(std::string_view module, std::string_view name) noexcept;

/// Whether the name is of a module of networks, whose classes a pickle may make but not call.
bool is_network_class(std::string_view module) noexcept;

/// Whether items may be set on what this makes, or values added to it, without running other code.
bool is_dictionary(std::string_view module, std::string_view name) noexcept;
bool is_list(std::string_view module, std::string_view name) noexcept;

/// What getattr of a constant attribute can do: those of fused models are known.
Judgement judge_attribute(std::string_view attribute);

}  // namespace yolovino::scan

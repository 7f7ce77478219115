#pragma once

#include <string>
#include <string_view>

#include "yolovino/audit.hpp"

namespace yolovino::scan {

struct Judgement {
    NameVerdict verdict = NameVerdict::Unknown;
    std::string_view reason;  ///< lives as long as the program
};

/// What `module.name` can do, whatever the stream uses it for.
Judgement judge(std::string_view module, std::string_view name);

/// Whether any name of the module can be dangerous; quick, for text that is probably no name at all.
bool may_be_dangerous(std::string_view module);

/// Which use of a name is harmless.
enum class Use {
    Any,
    AsClass,           ///< an instance is made without the constructor, which may do anything
    Getattr,           ///< a call with a known attribute
    Reconstructor,     ///< a call with a builtin class as base
    RebuildFromType,   ///< a call with a function of torch._utils
    RebuildWithState,  ///< a call with a state that holds no method
    DefaultFactory,    ///< a call with a class
    Partial,           ///< a call with a function that is harmless for all arguments
};
Use use_of(std::string_view module, std::string_view name) noexcept;

/// Whether the module holds classes of networks. A pickle may make instances of these classes, but not call them.
bool is_network_class(std::string_view module) noexcept;

/// Whether Python's own code sets items on what this name makes, or adds elements to it.
bool is_dictionary(std::string_view module, std::string_view name) noexcept;
bool is_list(std::string_view module, std::string_view name) noexcept;

/// Whether Python itself gives the name a meaning: `__init__`.
bool is_dunder(std::string_view name) noexcept;

/// What getattr with a constant attribute can do: the forward methods of fused models are known.
Judgement judge_attribute(std::string_view attribute);

/// Whether getattr gives a member of torchvision's enumeration, as some versions of Python store it.
bool is_interpolation_mode(std::string_view module, std::string_view name, std::string_view attribute) noexcept;

/// Whether a fused model keeps such a method in its state under this key: `forward`, `forward_…`.
bool is_forward_key(std::string_view key) noexcept;

}  // namespace yolovino::scan

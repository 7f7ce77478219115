#pragma once

namespace yolovino::c_api {

/// Notes that this process has loaded what a child after `fork` cannot use.
void note_loaded() noexcept;

/// Whether a parent has loaded something before this process was forked: its threads do not exist here, and waiting for
/// them would never end.
bool is_forked_child() noexcept;

/// @throws Error RuntimeFailure in a child of a process that had loaded something
void expect_own_process();

}  // namespace yolovino::c_api

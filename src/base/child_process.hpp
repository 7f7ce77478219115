#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <sys/types.h>

#include "base/bytes.hpp"

namespace yolovino::base {

/// What a child process may use.
struct ChildLimits {
    unsigned processor_s = 0;        ///< processor time; 0: as its parent
    unsigned silent_s = 0;           ///< how long it may send nothing before it is ended; 0: for ever
    std::uint64_t memory_bytes = 0;  ///< address space besides its parent's; 0: as its parent. Not kept by sanitizers
    /// Its output streams lead nowhere, it leaves no core file, the parent's handlers of signals do not run in it, and
    /// it ends with the thread that started it.
    bool quiet = false;
};

/// What a child process writes to its parent. If the parent has gone, writing ends the process.
class ChildOutput {
public:
    explicit ChildOutput(int descriptor) noexcept : descriptor_(descriptor) {}
    void write(Bytes bytes);

private:
    int descriptor_;
};

/// How a child process ended.
struct ChildEnding {
    bool whole = false;         ///< its work was done, and all it wrote has come
    bool too_long = false;      ///< it was ended here, since it sent nothing
    std::optional<int> signal;  ///< what ended it; neither is known where the program reaps children itself
    std::optional<int> status;
    std::string text() const;  ///< "the process was ended by signal 11 (Segmentation fault)"
};

/// A piece of work in a process of its own, so that its memory, its libraries, and its crashes do not touch this one.
/// The work sees this process's memory as it was at the start, and only the thread that started it.
class ChildProcess {
public:
    using Work = std::function<void(ChildOutput&)>;

    /// Starts `work`. It may not use what other threads could have been changing, so what it needs is loaded before.
    /// @throws Error RuntimeFailure if the system gives no process
    explicit ChildProcess(const Work& work, const ChildLimits& limits = {});
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    /// Ends the process if it is still there.
    ~ChildProcess();

    /// Fills `into` with what the child wrote next. False if it ended before that; `wait()` says how.
    /// @throws Error what the work threw, as it was; LimitExceeded if the child had no memory, RuntimeFailure for
    ///         exceptions of other types
    bool read(std::span<std::byte> into);
    /// As far as there is something: at least one byte, or 0 at the end.
    std::size_t read_some(std::span<std::byte> into);

    /// Waits for the end, without reading what is left. Does not throw.
    ChildEnding wait() noexcept;

private:
    std::size_t take(std::span<std::byte> into);
    bool take_all(std::span<std::byte> into);
    void take_ending();
    void end_it() noexcept;

    ChildLimits limits_;
    int descriptor_ = -1;
    pid_t child_ = -1;
    std::uint64_t left_in_piece_ = 0;
    bool closed_ = false;  ///< nothing more comes
    ChildEnding ending_;
};

}  // namespace yolovino::base

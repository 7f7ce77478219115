#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "data/frame.hpp"
#include "data/pipe_reader.hpp"

namespace yolovino::data {

/// Images that come through a pipe for as long as it is open. A few threads decode while the caller works on the last
/// ones, and the pipe is read no faster than that, so memory is bounded however many images there are.
class PipeSource final : public FrameSource {
public:
    /// @param descriptor stays open
    /// @throws Error InvalidArgument, LimitExceeded
    PipeSource(int descriptor, const SourceArgs& args);
    ~PipeSource() override;
    PipeSource(const PipeSource&) = delete;
    PipeSource& operator=(const PipeSource&) = delete;

    /// A batch that is not full waits only a moment: whoever writes may wait for an answer.
    std::vector<Frame> next(std::size_t count) override;
    std::size_t skipped() const override { return skipped_; }
    bool is_long() const override { return true; }
    bool may_be_empty() const override { return true; }
    void interrupt() noexcept override;

private:
    struct Decoded {
        Frame frame;
        std::exception_ptr problem;  ///< ends the run
    };

    void work();
    std::optional<Frame> take(bool wait);
    Frame decode(PipeRecord record, std::size_t item) const;

    const SourceArgs args_;
    PipeReader reader_;     ///< of the thread that has its turn
    std::mutex read_turn_;  ///< taken before `mutex_`
    std::mutex mutex_;
    std::condition_variable ready_;
    std::condition_variable room_;
    std::map<std::size_t, Decoded> decoded_;  ///< by position in the pipe
    std::size_t read_ = 0;                    ///< records that have been read
    std::size_t given_ = 0;                   ///< records that the caller has
    bool ended_ = false;                      ///< no more will be read
    bool stop_ = false;
    std::size_t skipped_ = 0;
    std::size_t ahead_ = 0;  ///< records beyond the caller's; fixed before the first thread starts
    std::vector<std::thread> workers_;
};

}  // namespace yolovino::data

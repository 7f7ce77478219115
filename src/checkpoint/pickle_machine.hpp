#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/error.hpp"

#include "base/bytes.hpp"
#include "checkpoint/opcodes.hpp"
#include "checkpoint/pickle.hpp"
#include "container/memory_budget.hpp"

namespace yolovino::checkpoint {

/// Called with each operation before it is carried out: its offset in the stream, and its code.
using PickleTrace = std::function<void(std::size_t offset, std::uint8_t code)>;

/// The stack machine that turns a pickle stream into the nodes of a Pickle.
class PickleMachine {
public:
    /// Whether persistent ids may stand for classes, as in legacy files.
    enum class ClassIds : std::uint8_t { Refused, Read };

    PickleMachine(std::vector<std::byte> bytes, const std::string& file, std::uint64_t file_offset,
                  const PickleTrace& trace, ClassIds class_ids = ClassIds::Refused);

    Pickle run();

private:
    using Index = Pickle::Index;
    using Kind = Pickle::Kind;

    void step(Op op);
    bool is_accepted(Op op) const;
    bool step_scalar(Op op);
    bool step_text(Op op);
    bool step_container(Op op);
    bool step_object(Op op);
    bool step_memo(Op op);
    void finish();

    Index add(Kind kind, std::int64_t integer);
    Index add_list(Kind kind, std::vector<Index> items);
    void push(Index node);
    Index pop();
    Index top() const;
    std::vector<Index> pop_to_mark();
    void push_tuple(std::size_t count);
    void push_text(std::uint64_t length, Kind kind, bool unicode);
    void push_long(std::uint64_t length);
    void push_global(std::string_view module, std::string_view name);
    void push_stack_global();
    void push_object();
    void push_object_ex();
    void push_persistent();
    void begin_frame();
    void build();
    void append(const std::vector<Index>& values);
    void set_items(const std::vector<Index>& pairs);
    void add_items(const std::vector<Index>& values);
    void put(std::uint64_t slot);
    void get(std::uint64_t slot);
    std::string_view take_line();
    base::Bytes take(std::uint64_t count);
    template <typename T>
    T take_number();
    void pay(std::uint64_t bytes);
    void limit(std::uint64_t value, std::uint64_t maximum, std::string_view what) const;
    [[noreturn]] void fail(std::string_view message, ErrorCode code = ErrorCode::CorruptFile,
                           std::string_view hint = {}) const;

    Pickle pickle_;
    std::string file_;
    std::uint64_t file_offset_;
    base::ByteReader reader_;
    const PickleTrace& trace_;
    ClassIds class_ids_;
    std::uint8_t protocol_ = 0;
    container::MemoryBudget budget_;
    std::size_t op_offset_ = 0;
    std::size_t highest_stack_ = 0;
    std::vector<Index> stack_;
    std::vector<std::size_t> marks_;
    std::vector<Index> memo_;
    Index none_ = 0;
    Index true_ = 0;
    Index false_ = 0;
    Index empty_tuple_ = 0;
};

}  // namespace yolovino::checkpoint

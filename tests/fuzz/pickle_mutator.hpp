#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/opcodes.hpp"
#include "support/forge_pickle.hpp"
#include "support/pickle_operations.hpp"

/// Structure-aware changes of pickles: what comes out is always a stream of whole operations, so that the machine is
/// reached behind its reading of operands.
namespace yolovino::fuzz {

using checkpoint::Op;
using checkpoint::to_char;

class PickleMutator {
public:
    explicit PickleMutator(std::uint32_t seed) : random_(seed) {}

    /// A stream that the machine accepts: every operation finds what it needs.
    std::string generate() {
        slots_ = 0;
        newer_ = below(2) == 0;
        return header() + value(0) + to_char(Op::Stop);
    }

    /// A stream of whole operations, near to the given one; from PROTO to STOP.
    std::string mutate(std::string_view stream) {
        std::vector<std::string> parts = split(stream);
        if (parts.empty() || below(16) == 0) parts = split(generate());
        for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(parts);
        const bool kept = begins_with_proto(stream) && below(8) != 0;
        newer_ = kept ? stream[1] > 2 : below(2) == 0;
        std::string out = below(64) == 0 ? "" : header();
        for (const std::string& part : parts) out += part;
        if (below(64) != 0) out += to_char(Op::Stop);
        return out;
    }

    /// The operations of one stream up to a place, then those of another from a place on.
    std::string cross(std::string_view first, std::string_view second) {
        std::vector<std::string> head = split(first);
        const std::vector<std::string> tail = split(second);
        head.resize(below(head.size() + 1));
        head.insert(head.end(), tail.begin() + static_cast<std::ptrdiff_t>(below(tail.size() + 1)), tail.end());
        std::string out = begins_with_proto(second) ? std::string(second.substr(0, 2)) : header();
        for (const std::string& part : head) out += part;
        return out + to_char(Op::Stop);
    }

private:
    static bool begins_with_proto(std::string_view stream) {
        return stream.size() > 1 && stream[0] == to_char(Op::Proto);
    }
    static std::string bytes_of(std::initializer_list<Op> operations) {
        std::string out;
        for (const Op each : operations) out += to_char(each);
        return out;
    }

    /// Protocol 5 holds what all others hold.
    std::string header() const { return {to_char(Op::Proto), newer_ ? '\x05' : '\x02'}; }

    std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
    template <typename T>
    const T& any_of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

    /// Operations without PROTO and STOP, which are put back.
    static std::vector<std::string> split(std::string_view stream) {
        std::vector<std::string> parts;
        for (const test::PickleOperation& each : test::list_operations(stream)) {
            if (each.code != to_char(Op::Proto) && each.code != to_char(Op::Stop))
                parts.emplace_back(stream.substr(each.offset, each.size_bytes));
        }
        return parts;
    }

    void change(std::vector<std::string>& parts) {
        const std::size_t at = below(parts.size() + 1);
        const auto place = parts.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(9)) {
            case 0:
                if (place != parts.end()) parts.erase(place);
                return;
            case 1:
                if (place != parts.end()) parts.insert(place, std::string(*place));
                return;
            case 2:
                if (place != parts.end()) std::swap(*place, parts[below(parts.size())]);
                return;
            case 3:
                parts.insert(place, operation());
                return;
            case 4: {
                slots_ = 0;
                const std::vector<std::string> made = split(value(2));
                parts.insert(place, made.begin(), made.end());
                return;
            }
            case 5:
                if (place != parts.end()) *place = operand_changed(*place);
                return;
            case 6: {
                // A run of operations, again: this is what builds deep and wide values.
                const std::size_t count = std::min(below(16), parts.size() - at);
                const std::vector<std::string> run(place, place + static_cast<std::ptrdiff_t>(count));
                for (std::size_t times = below(4); times > 0; --times)
                    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(at), run.begin(), run.end());
                return;
            }
            case 7:
                parts.erase(place, place + static_cast<std::ptrdiff_t>(std::min(below(16), parts.size() - at)));
                return;
            default:
                parts.insert(place, below(2) == 0 ? bytes_of({Op::Tuple1}) : text_of_checkpoints());
        }
    }

    std::string operand_changed(const std::string& part) {
        using namespace test::forge;
        const auto op = static_cast<Op>(part.front());
        switch (op) {
            case Op::BinUnicode:
                return text_of_checkpoints();
            case Op::Global:
                return class_of_checkpoints();
            case Op::BinInt1:
            case Op::BinInt2:
            case Op::BinInt:
            case Op::Long1:
                return number();
            case Op::BinGet:
            case Op::LongBinGet:
            case Op::BinPut:
            case Op::LongBinPut:
                return memo(op);
            default: {
                std::string out = part;
                // The lengths of strings stay, so that operations stay whole.
                const auto operand = checkpoint::find_opcode(static_cast<std::uint8_t>(op))->operand;
                const std::size_t first = 1 + (is_counted(operand) ? width_of(operand) : 0);
                if (out.size() > first) out[first + below(out.size() - first)] = static_cast<char>(random_());
                return out;
            }
        }
    }

    std::string memo(Op op) {
        const auto slot = static_cast<std::uint32_t>(below(8) == 0 ? random_() : below(40));
        return op == Op::BinGet || op == Op::BinPut ? std::string{to_char(op), static_cast<char>(slot)}
                                                    : to_char(op) + test::forge::little(slot);
    }

    std::string number() {
        using namespace test::forge;
        static const std::vector<std::int64_t> kNumbers{0,
                                                        1,
                                                        2,
                                                        3,
                                                        -1,
                                                        8,
                                                        255,
                                                        256,
                                                        65'535,
                                                        1'000'000,
                                                        2147483647,
                                                        -2147483648,
                                                        1LL << 32,
                                                        1LL << 62,
                                                        0x7FFFFFFFFFFFFFFF,
                                                        -0x7FFFFFFFFFFFFFFF};
        const std::int64_t number = any_of(kNumbers);
        if (below(8) == 0) return long1(std::string(below(12), static_cast<char>(random_())));
        return number == static_cast<std::int32_t>(number) ? integer(static_cast<std::int32_t>(number))
                                                           : long1(little(number));
    }

    std::string text_of_checkpoints() {
        static const std::vector<std::string> kTexts{
            "",       "_modules", "_parameters", "_buffers", "model",      "ema",   "weight",   "bias",
            "0",      "1",        "storage",     "cpu",      "names",      "conv",  "training", "state_dict",
            "latin1", "f8",       "<",           ">",        "train_args", "imgsz", "\xc3\xbf", "\xc2\x9b\x1b[m"};
        const std::string& chosen = any_of(kTexts);
        if (!newer_ || below(3) != 0) return test::forge::text(chosen);
        return below(4) == 0
                   ? to_char(Op::BinUnicode8) + test::forge::little(static_cast<std::uint64_t>(chosen.size())) + chosen
                   : test::forge::short_text(chosen);
    }

    std::string class_of_checkpoints() {
        static const std::vector<std::pair<std::string, std::string>> kClasses{
            {"collections", "OrderedDict"},
            {"collections", "Counter"},
            {"__builtin__", "set"},
            {"torch", "Size"},
            {"torch", "FloatStorage"},
            {"torch", "HalfStorage"},
            {"torch", "UntypedStorage"},
            {"torch", "float32"},
            {"torch._utils", "_rebuild_tensor_v2"},
            {"torch._utils", "_rebuild_tensor_v3"},
            {"torch._utils", "_rebuild_parameter"},
            {"torch._tensor", "_rebuild_from_type_v2"},
            {"torch", "device"},
            {"numpy.core.multiarray", "scalar"},
            {"numpy", "dtype"},
            {"numpy.dtypes", "Float64DType"},
            {"numpy._core.multiarray", "_reconstruct"},
            {"numpy._core.numeric", "_frombuffer"},
            {"numpy", "ndarray"},
            {"torch.nn.parallel.data_parallel", "DataParallel"},
            {"ultralytics.models.yolo.model", "YOLO"},
            {"_codecs", "encode"},
            {"pathlib", "PosixPath"},
            {"datetime", "datetime"},
            {"types", "SimpleNamespace"},
            {"ultralytics.nn.tasks", "DetectionModel"},
            {"ultralytics.nn.modules.conv", "Conv"},
            {"a", "b"}};
        const auto& [module, name] = any_of(kClasses);
        return newer_ && below(2) == 0 ? test::forge::stack_global(module, name) : test::forge::global(module, name);
    }

    /// One whole operation, whether or not the stack suits it.
    std::string operation() {
        static const std::vector<Op> kPlain{Op::Mark,     Op::None,    Op::NewTrue,   Op::NewFalse, Op::EmptyTuple,
                                            Op::Tuple1,   Op::Tuple2,  Op::Tuple3,    Op::Tuple,    Op::EmptyList,
                                            Op::Append,   Op::Appends, Op::EmptyDict, Op::SetItem,  Op::SetItems,
                                            Op::EmptySet, Op::Reduce,  Op::NewObj,    Op::Build,    Op::BinPersId};
        static const std::vector<Op> kNewer{Op::AddItems, Op::FrozenSet, Op::NewObjEx, Op::StackGlobal, Op::Memoize};
        if (newer_ && below(4) == 0) return bytes_of({any_of(kNewer)});
        switch (below(4)) {
            case 0:
                return scalar();
            case 1:
                return memo(std::array{Op::BinGet, Op::LongBinGet, Op::BinPut, Op::LongBinPut}[below(4)]);
            default:
                return bytes_of({any_of(kPlain)});
        }
    }

    std::string scalar() {
        using namespace test::forge;
        switch (below(8)) {
            case 0:
                return none();
            case 1:
                return boolean(below(2) == 0);
            case 2:
                return real(static_cast<double>(random_()) / 7);
            case 3:
                return class_of_checkpoints();
            case 4:
                if (newer_ && below(2) == 0)
                    return below(2) == 0 ? byte_array(std::string(below(5), '\1')) : short_bytes("\xff\1");
                return {to_char(Op::ShortBinString), '\x01', static_cast<char>(random_())};
            case 5:
            case 6:
                return text_of_checkpoints();
            default:
                return number();
        }
    }

    /// Operations that leave one value, which is remembered now and then.
    std::string value(std::size_t depth) {
        std::string out = depth > 5 ? scalar() : container(depth + 1);
        if (below(4) == 0) {
            out += newer_ && below(2) == 0 ? test::forge::memoize() : test::forge::put(slots_);
            ++slots_;
        }
        return out;
    }

    std::vector<std::string> values(std::size_t depth) {
        std::vector<std::string> out;
        for (std::size_t count = below(4); count > 0; --count) out.push_back(value(depth));
        return out;
    }

    test::forge::Pairs pairs(std::size_t depth) {
        test::forge::Pairs out;
        for (std::size_t count = below(4); count > 0; --count) {
            // In this order, since the values number their memo slots.
            std::string key = below(4) == 0 ? value(depth) : text_of_checkpoints();
            out.emplace_back(std::move(key), value(depth));
        }
        return out;
    }

    std::string container(std::size_t depth) {
        using namespace test::forge;
        if (newer_ && below(8) == 0)
            return bytes_of({Op::EmptySet, Op::Mark}) + joined(values(depth)) + to_char(Op::AddItems);
        switch (below(12)) {
            case 0:
                return tuple(values(depth));
            case 1:
                return list(values(depth));
            case 2:
                return dict(pairs(depth));
            case 3:
                return reduce(class_of_checkpoints(), values(depth));
            case 4:
                return new_object(class_of_checkpoints()) + value(depth) + to_char(Op::Build);
            case 5:
                return reduce(global("collections", "OrderedDict"), {}) + items(pairs(depth));
            case 6:
                return persistent(value(depth));
            case 7:
                return slots_ > 0 ? get(static_cast<std::uint32_t>(below(slots_))) : none();
            case 8:
                return storage("0", below(2) == 0 ? "FloatStorage" : "HalfStorage", static_cast<int>(below(5)));
            case 9:
                return tensor(storage("0", "FloatStorage", 4), {static_cast<int>(below(5))}, {1});
            case 10:
                return module("a", "b");
            default:
                return scalar();
        }
    }

    std::mt19937 random_;
    std::uint32_t slots_ = 0;
    bool newer_ = false;  ///< operations of protocols 3 to 5, too
};

}  // namespace yolovino::fuzz

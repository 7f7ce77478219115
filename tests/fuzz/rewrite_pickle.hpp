#pragma once

#include <bit>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/pickle.hpp"
#include "support/forge_pickle.hpp"

/// Writes what a pickle was read as, as another pickle, and compares two readings. Nothing recurses.
namespace yolovino::fuzz {

class PickleRewriter {
public:
    using Pickle = checkpoint::Pickle;

    explicit PickleRewriter(const Pickle& pickle) : pickle_(pickle) {}

    /// Nothing if the values contain themselves, which takes another order of writing.
    std::optional<std::string> run() {
        tasks_.push_back({pickle_.root(), ""});
        while (!tasks_.empty()) {
            Task task = std::move(tasks_.back());
            tasks_.pop_back();
            out_ += task.bytes;
            if (task.closes) {
                const auto slot = static_cast<std::uint32_t>(slots_.size());
                slots_[task.node] = slot;
                open_.erase(task.node);
                out_ += test::forge::put(slot);
            } else if (task.node != Pickle::kNothing && !begin(task.node)) {
                return std::nullopt;
            }
        }
        return "\x80\x04" + out_ + ".";
    }

private:
    /// Bytes to be written, then a node to be begun, or one that is now whole.
    struct Task {
        Pickle::Index node = Pickle::kNothing;
        std::string bytes;
        bool closes = false;
    };

    bool begin(Pickle::Index node) {
        using namespace test::forge;
        if (const auto known = slots_.find(node); known != slots_.end()) {
            out_ += get(known->second);
            return true;
        }
        if (open_.contains(node)) return false;
        open_[node] = true;
        std::vector<Task> steps;
        const auto add = [&](auto nodes) {
            for (const Pickle::Index each : nodes) steps.push_back({each, ""});
        };
        switch (pickle_.kind(node)) {
            case Pickle::Kind::None:
                out_ += none();
                break;
            case Pickle::Kind::Bool:
                out_ += boolean(pickle_.boolean(node));
                break;
            case Pickle::Kind::Int:
                out_ += long1(little(pickle_.integer(node)));
                break;
            case Pickle::Kind::BigInt:
                out_ += long1(std::string(9, '\1'));
                break;
            case Pickle::Kind::Float:
                out_ += real(pickle_.real(node));
                break;
            case Pickle::Kind::String:
                // A SHORT_BINSTRING may hold any bytes.
                if (const std::string held(pickle_.text(node)); held.size() < 256) {
                    out_ += std::string("U") + static_cast<char>(held.size()) + held;
                } else {
                    out_ += text(held);
                }
                break;
            case Pickle::Kind::Bytes:
                out_ += "B" + little(static_cast<std::uint32_t>(pickle_.text(node).size())) +
                        std::string(pickle_.text(node));
                break;
            case Pickle::Kind::Global:
                out_ += global(std::string(pickle_.global(node).module), std::string(pickle_.global(node).name));
                break;
            case Pickle::Kind::Set:
                out_ += "\x8f(";
                add(pickle_.items(node));
                steps.push_back({Pickle::kNothing, "\x90"});
                break;
            case Pickle::Kind::Tuple:
                out_ += "(";
                add(pickle_.items(node));
                steps.push_back({Pickle::kNothing, "t"});
                break;
            case Pickle::Kind::Sequence:
                out_ += "](";
                add(pickle_.items(node));
                steps.push_back({Pickle::kNothing, "e"});
                break;
            case Pickle::Kind::Mapping:
                out_ += "}(";
                add(pickle_.items(node));
                steps.push_back({Pickle::kNothing, "u"});
                break;
            case Pickle::Kind::PersistentId:
                steps.push_back({pickle_.persistent_id(node), ""});
                steps.push_back({Pickle::kNothing, "Q"});
                break;
            case Pickle::Kind::Object: {
                const Pickle::Object& object = pickle_.object(node);
                steps.push_back({object.callable, ""});
                steps.push_back({object.arguments, ""});
                steps.push_back({Pickle::kNothing, "R("});
                add(object.pairs);
                steps.push_back({Pickle::kNothing, "u("});
                add(object.appended);
                steps.push_back({Pickle::kNothing, "e"});
                if (object.state != Pickle::kNothing) {
                    steps.push_back({object.state, ""});
                    steps.push_back({Pickle::kNothing, "b"});
                }
                break;
            }
        }
        steps.push_back({node, "", true});
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) tasks_.push_back(std::move(*step));
        return true;
    }

    const Pickle& pickle_;
    std::string out_;
    std::vector<Task> tasks_;
    std::unordered_map<Pickle::Index, std::uint32_t> slots_;
    std::unordered_map<Pickle::Index, bool> open_;
};

/// Whether two readings hold the same values, shared in the same way.
inline bool same_values(const checkpoint::Pickle& a, const checkpoint::Pickle& b) {
    using Pickle = checkpoint::Pickle;
    std::unordered_map<Pickle::Index, Pickle::Index> partners;
    std::unordered_map<Pickle::Index, Pickle::Index> back;
    std::vector<std::pair<Pickle::Index, Pickle::Index>> left{{a.root(), b.root()}};
    const auto later = [&](auto ours, auto theirs) {
        for (std::size_t i = 0; i < ours.size(); ++i) left.emplace_back(ours[i], theirs[i]);
        return true;
    };
    while (!left.empty()) {
        const auto [x, y] = left.back();
        left.pop_back();
        if (x == Pickle::kNothing || y == Pickle::kNothing) {
            if (x != y) return false;
            continue;
        }
        if (a.kind(x) != b.kind(y)) return false;
        // An empty tuple is one value for the machine where it is written as such, and many where it is not.
        if (a.kind(x) == Pickle::Kind::Tuple && a.items(x).empty() && b.items(y).empty()) continue;
        const auto [place, fresh] = partners.emplace(x, y);
        if (place->second != y || back.emplace(y, x).first->second != x) return false;
        if (!fresh) continue;
        switch (a.kind(x)) {
            case Pickle::Kind::Bool:
            case Pickle::Kind::Int:
            case Pickle::Kind::Float:
                if (a.integer(x) != b.integer(y)) return false;
                break;
            case Pickle::Kind::String:
            case Pickle::Kind::Bytes:
                if (a.text(x) != b.text(y)) return false;
                break;
            case Pickle::Kind::Global:
                if (a.class_path(x) != b.class_path(y)) return false;
                break;
            case Pickle::Kind::Tuple:
            case Pickle::Kind::Sequence:
            case Pickle::Kind::Mapping:
            case Pickle::Kind::Set:
                if (a.items(x).size() != b.items(y).size()) return false;
                later(a.items(x), b.items(y));
                break;
            case Pickle::Kind::PersistentId:
                left.emplace_back(a.persistent_id(x), b.persistent_id(y));
                break;
            case Pickle::Kind::Object: {
                const Pickle::Object& ours = a.object(x);
                const Pickle::Object& theirs = b.object(y);
                if (ours.pairs.size() != theirs.pairs.size() || ours.appended.size() != theirs.appended.size())
                    return false;
                left.emplace_back(ours.callable, theirs.callable);
                left.emplace_back(ours.arguments, theirs.arguments);
                left.emplace_back(ours.state, theirs.state);
                later(ours.pairs, theirs.pairs);
                later(ours.appended, theirs.appended);
                break;
            }
            case Pickle::Kind::None:
            case Pickle::Kind::BigInt:
                break;
        }
    }
    return true;
}

}  // namespace yolovino::fuzz

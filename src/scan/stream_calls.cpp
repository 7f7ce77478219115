#include <algorithm>
#include <string>

#include "scan/names.hpp"
#include "scan/stream.hpp"

namespace yolovino::scan {

namespace {

using enum NameVerdict;

constexpr int kMaxStateDepth = 8;
constexpr std::size_t kMaxStateVisits = 10'000;
constexpr std::uint64_t kPairsPerOperation = 4;

bool is_builtin(const Stream::Name& name) noexcept {
    return name.module == "builtins" || name.module == "__builtin__";
}

/// Whether the name evaluates text or takes what it is given for a program when it is called.
bool parses_text(const Stream::Name& name) noexcept {
    return name.module.starts_with("ultralytics.nn.tasks");
}

bool is_dunder(std::string_view word) noexcept {
    return word.starts_with("__") && word.ends_with("__");
}

}  // namespace

Stream::Index Stream::argument(Index arguments, std::size_t position) const {
    return kind(arguments) == Kind::Tuple && position < items(arguments).size() ? items(arguments)[position] : kUnknown;
}

bool Stream::is_callable(Index node) const noexcept {
    return kind(node) == Kind::Global || kind(node) == Kind::Object || kind(node) == Kind::PersistentId;
}

void Stream::settle(Index node) {
    if (kind(node) == Kind::Global) ++names_[number(node)].settled;
}

/// Raises the name that a value came from; what came from none is told of.
void Stream::condemn(Index node, std::string_view reason) {
    const Index origin = kind(node) == Kind::Object ? object(node).origin : node;
    if (kind(origin) == Kind::Global) return raise(names_[number(origin)], Dangerous, reason);
    // Python ends where it takes from an empty stack.
    if (!nameless_ && !underflow_) remark("something that no name stands for: " + std::string(reason), true);
    nameless_ = true;
}

/// Of a class alone, an instance is made without its constructor.
void Stream::judge_instance(Index callable) {
    if (kind(callable) != Kind::Global) return condemn(callable, "what it returns is called");
    if (use_of(names_[number(callable)].module, names_[number(callable)].name) == Use::AsClass) settle(callable);
}

void Stream::judge_call(Index callable, Index arguments) {
    if (kind(callable) != Kind::Global) return condemn(callable, "what it returns is called");
    Name& called = names_[number(callable)];
    switch (use_of(called.module, called.name)) {
        case Use::Any:
            return;
        case Use::AsClass:
            return judge_class_call(called, kind(arguments) != Kind::Tuple || !items(arguments).empty());
        case Use::Getattr:
            return judge_getattr(called, arguments);
        case Use::Reconstructor:
            return judge_reconstructor(called, arguments);
        case Use::RebuildFromType:
            return judge_rebuild(called, arguments);
        case Use::RebuildWithState:
            if (gives_method(argument(arguments, 3))) raise(called, Dangerous, "its state holds a method");
            return;
        case Use::DefaultFactory:
            // A class makes empty values; what a call returned could be anything.
            if (argument(arguments, 0) == kUnknown || kind(argument(arguments, 0)) == Kind::Global) ++called.settled;
            return;
    }
}

void Stream::judge_class_call(Name& called, bool has_arguments) {
    if (!has_arguments) {
        ++called.settled;
        return;
    }
    // Some constructors evaluate text; a checkpoint makes networks without them.
    raise(called, parses_text(called) ? Dangerous : Unknown, "its constructor is called");
}

void Stream::judge_getattr(Name& called, Index arguments) {
    const bool plain = kind(arguments) == Kind::Tuple && items(arguments).size() == 2;
    const Index attribute = plain ? items(arguments)[1] : kUnknown;
    if (kind(attribute) != Kind::Text)
        return raise(called, Dangerous, "the attribute is computed while the file is loaded");
    const Judgement judgement = judge_attribute(text(attribute));
    if (judgement.verdict == Harmless) ++called.settled;
    raise(called, judgement.verdict, judgement.reason);
}

/// `_reconstructor(cls, base, state)` calls `base.__new__` and `base.__init__`: with a builtin as base nothing else.
void Stream::judge_reconstructor(Name& called, Index arguments) {
    const Index base = argument(arguments, 1);
    const bool plain = kind(base) == Kind::Global && is_builtin(name(base)) && name(base).verdict <= Harmless;
    if (!plain || kind(argument(arguments, 0)) != Kind::Global)
        return raise(called, Dangerous, "it calls a constructor of the file's choice");
    ++called.settled;
    settle(argument(arguments, 0));
}

/// `_rebuild_from_type_v2(func, type, args, state)` calls func and sets the state.
void Stream::judge_rebuild(Name& called, Index arguments) {
    const Index function = argument(arguments, 0);
    const bool plain = kind(function) == Kind::Global && name(function).module == "torch._utils" &&
                       name(function).verdict <= Harmless && use_of("torch._utils", name(function).name) == Use::Any;
    if (!plain || gives_method(argument(arguments, 3)))
        return raise(called, Dangerous, "it calls a function of the file's choice");
    ++called.settled;
    settle(argument(arguments, 1));
}

/// Old files of PyTorch tell the source of each class of a network: the class is only named there.
void Stream::settle_classes_of_source(Index id) {
    const Index kind_of_id = argument(id, 0);
    if (kind(kind_of_id) == Kind::Text && text(kind_of_id) == "module") settle(argument(id, 1));
}

/// What was only used in ways that are known leaves nothing to fear, and only that.
void Stream::judge_names() {
    for (Name& each : names_) {
        const Use use = use_of(each.module, each.name);
        const bool settled = each.settled > 0 && each.settled == each.pushes;
        if (use == Use::AsClass && !settled && each.pushes > 0) {
            raise(each, parses_text(each) ? Dangerous : Unknown, "the class is handed on, not only instances of it");
        } else if (use != Use::AsClass && use != Use::Any && each.verdict == Unknown && settled) {
            each.verdict = Harmless;
            each.reason = {};
        }
    }
}

void Stream::build() {
    const Index state = pop();
    const Index target = top();
    if (kind(target) == Kind::Global)
        raise(names_[number(target)], Dangerous, "BUILD changes it for the whole program");
    if (gives_method(state)) condemn(target, "BUILD gives it a method that Python calls while it loads");
    if (kind(target) == Kind::Object) objects_[number(target)].state = state;
}

/// Whether a state sets what the machine of pickles calls on an object: `__setstate__`, `append`, `extend`, `add`.
bool Stream::gives_method(Index state) {
    std::size_t visits = 0;
    return gives_method(state, 0, visits);
}

bool Stream::gives_method(Index state, int depth, std::size_t& visits) {
    // Nobody writes such states; what is not looked through is taken for the worst.
    if (depth > kMaxStateDepth || ++visits > kMaxStateVisits) return true;
    const auto any = [&](const std::vector<Index>& parts) {
        return std::ranges::any_of(parts, [&](Index part) { return gives_method(part, depth + 1, visits); });
    };
    switch (kind(state)) {
        case Kind::Dict:
            return pairs_give_method(items(state));
        case Kind::Tuple:
            // Of two, the dictionary and the slots; any other is the affair of a class that knows it.
            return depth == 0 && items(state).size() == 2 && any(items(state));
        case Kind::Object: {
            // A dictionary of another class, of what it was made of and what was set since.
            const Object& made = object(state);
            if (pairs_give_method(made.pairs)) return true;
            return kind(made.arguments) == Kind::Tuple &&
                   (any(items(made.arguments)) ||
                    std::ranges::any_of(items(made.arguments), [&](Index each) { return holds_method(each); }));
        }
        default:
            return false;
    }
}

/// As for a dictionary, of a list of pairs.
bool Stream::holds_method(Index list) {
    const auto is_list = [&](Index node) { return kind(node) == Kind::List || kind(node) == Kind::Tuple; };
    if (!is_list(list)) return false;
    operations_ += items(list).size() / kPairsPerOperation;
    return std::ranges::any_of(items(list), [&](Index pair) {
        return is_list(pair) && items(pair).size() == 2 && pairs_give_method(items(pair));
    });
}

bool Stream::pairs_give_method(const std::vector<Index>& pairs) {
    operations_ += pairs.size() / kPairsPerOperation;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const Index key = pairs[i];
        const Index value = pairs[i + 1];
        if (kind(key) == Kind::Object && is_callable(value)) return true;  // a name that a call makes
        if (kind(key) != Kind::Text) continue;
        const std::string_view word = text(key);
        if (is_dunder(word) ? value != kUnknown && kind(value) != Kind::Int && kind(value) != Kind::Text
                            : is_callable(value) && (word == "append" || word == "extend" || word == "add"))
            return true;
    }
    return false;
}

/// Whether Python adds to this value, or sets items by a key, without asking a class of the file for it.
bool Stream::has_known_items(Index target, bool by_key) const {
    if (kind(target) != Kind::Object) return kind(target) != Kind::Global;
    const Index made_by = object(target).callable;
    if (kind(made_by) != Kind::Global) return false;
    const Name& made = name(made_by);
    // What is unknown is not called harmless in any case.
    return made.verdict > Harmless ||
           (by_key ? is_dictionary(made.module, made.name) : is_list(made.module, made.name));
}

void Stream::raise(Name& name, NameVerdict verdict, std::string_view reason) {
    if (verdict <= name.verdict) return;
    name.verdict = verdict;
    name.reason = reason;
}

}  // namespace yolovino::scan

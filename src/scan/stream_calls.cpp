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
    return name.module.starts_with("ultralytics.nn.tasks") ||
           (name.module.starts_with("ultralytics") && !is_network_class(name.module));
}

/// Functions are written in small letters, classes are not; those that rebuild values are known by their names.
bool is_function(std::string_view name) noexcept {
    const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
    for (const std::string_view known : {"_rebuild_", "_reconstruct", "_new_", "_unpickle_"}) {
        if (last.starts_with(known)) return false;
    }
    return !last.empty() && (last.front() < 'A' || last.front() > 'Z');
}

/// Whether a value is a bound method that Python would call under this name.
bool is_forward(std::string_view name) noexcept {
    return name == "forward" || name.starts_with("forward_");
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

bool Stream::is_sequence(Index node) const noexcept {
    return kind(node) == Kind::List || kind(node) == Kind::Tuple;
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
    judge_storage(callable);
    if (use_of(names_[number(callable)].module, names_[number(callable)].name) == Use::AsClass) settle(callable);
}

void Stream::judge_call(Index callable, Index arguments) {
    if (kind(callable) != Kind::Global) return condemn(callable, "what it returns is called");
    judge_storage(callable);
    Name& called = names_[number(callable)];
    switch (use_of(called.module, called.name)) {
        case Use::Any:
            if (called.verdict == Unknown && is_function(called.name))
                raise(called, Dangerous, "a function that is in none of the lists is called");
            return;
        case Use::Partial:
            return judge_partial(called, arguments);
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
    if (!has_arguments && !parses_text(called)) {
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
    settle_within(arguments, argument(arguments, 0));
}

/// `_rebuild_from_type_v2(func, type, args, state)` calls func and sets the state.
void Stream::judge_rebuild(Name& called, Index arguments) {
    const Index function = argument(arguments, 0);
    const bool plain = is_plain(function) && name(function).module == "torch._utils";
    if (!plain || gives_method(argument(arguments, 3)))
        return raise(called, Dangerous, "it calls a function of the file's choice");
    ++called.settled;
    settle_within(arguments, argument(arguments, 1));
}

/// Whether calling it with any arguments is harmless.
bool Stream::is_plain(Index node) const {
    return kind(node) == Kind::Global && name(node).verdict <= Harmless &&
           use_of(name(node).module, name(node).name) == Use::Any;
}

void Stream::judge_partial(Name& called, Index arguments) {
    if (is_plain(argument(arguments, 0))) ++called.settled;
}

/// PyTorch makes storages itself; a constructor takes sizes, addresses, and allocators for what they say.
void Stream::judge_storage(Index callable) {
    Name& made = names_[number(callable)];
    if (made.name.ends_with("Storage") && (made.module == "torch" || made.module == "torch.storage"))
        raise(made, Dangerous, "a storage is made by its constructor");
}

void Stream::judge_keywords(Index callable, Index keywords) {
    if (kind(keywords) == Kind::Dict && items(keywords).empty()) return;
    if (kind(callable) == Kind::Global && use_of(name(callable).module, name(callable).name) == Use::AsClass) return;
    condemn(callable, "it is made with keywords");
}

/// PyTorch's ids name storages; in old files also classes of networks with their source, and what they name is taken.
bool Stream::push_persistent(Index id) {
    const Index kind_of_id = argument(id, 0);
    if (kind(kind_of_id) == Kind::Text && text(kind_of_id) == "module") {
        settle_within(id, argument(id, 1));
        return push(argument(id, 1));
    }
    if (kind(kind_of_id) != Kind::Text || text(kind_of_id) != "storage")
        remark("a persistent id of another kind than PyTorch's", true);
    return push(add(Kind::PersistentId, id));
}

/// The name in a tuple is used up with the tuple, unless that is used again.
void Stream::settle_within(Index tuple, Index node) {
    if (kind(tuple) == Kind::Tuple && kind(node) == Kind::Global && pay(sizeof(Index) * 4))
        settled_within_.emplace_back(tuple, node);
}

/// What was only used in ways that are known leaves nothing to fear, and only that.
void Stream::judge_names() {
    std::unordered_set<Index> used;
    for (const auto& [tuple, node] : settled_within_) {
        if (!repeated_.contains(tuple) && used.insert(tuple).second) settle(node);
    }
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
    judge_state(target, state);
    if (gives_method(state)) condemn(target, "BUILD gives it a method that Python calls while it loads");
    if (kind(target) == Kind::Object) objects_[number(target)].state = state;
}

/// States that say what a value is, and are believed.
void Stream::judge_state(Index target, Index state) {
    if (kind(target) != Kind::Object || kind(object(target).callable) != Kind::Global) return;
    Name& made = names_[number(object(target).callable)];
    if (use_of(made.module, made.name) == Use::Partial && !is_plain(argument(state, 0)))
        raise(made, Dangerous, "BUILD gives it another function");
    constexpr std::int64_t kObjectFlags = 63;
    if (made.module != "numpy" || made.name != "dtype") return;
    const Index type = argument(object(target).arguments, 0);
    const bool objects = kind(type) == Kind::Text && text(type).find('O') != std::string_view::npos;
    const Index flags = kind(state) == Kind::Tuple && !items(state).empty() ? items(state).back() : kUnknown;
    if (objects && (kind(flags) != Kind::Int || integer(flags) != kObjectFlags))
        raise(made, Dangerous, "its flags deny that it holds objects");
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
        case Kind::List:
        case Kind::Tuple:
            // Of two, the dictionary and the slots, or pairs; any other is the affair of a class that knows it.
            return depth == 0 && (holds_method(items(state)) || (items(state).size() == 2 && any(items(state))));
        case Kind::Object: {
            // A dictionary of another class, of what it was made of and what was set since.
            const Object& made = object(state);
            if (pairs_give_method(made.pairs) || holds_method(made.added)) return true;
            return kind(made.arguments) == Kind::Tuple &&
                   (any(items(made.arguments)) || std::ranges::any_of(items(made.arguments), [&](Index each) {
                        return is_sequence(each) && holds_method(items(each));
                    }));
        }
        default:
            return false;
    }
}

/// As for a dictionary, of a list of pairs.
bool Stream::holds_method(const std::vector<Index>& list) {
    operations_ += list.size() / kPairsPerOperation;
    return std::ranges::any_of(list, [&](Index pair) {
        return is_sequence(pair) && items(pair).size() == 2 && pairs_give_method(items(pair));
    });
}

bool Stream::pairs_give_method(const std::vector<Index>& pairs) {
    operations_ += pairs.size() / kPairsPerOperation;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const Index key = pairs[i];
        const Index value = pairs[i + 1];
        if (is_callable(key) && is_callable(value)) return true;  // a name that a call makes
        if (kind(key) != Kind::Text || !is_callable(value)) {
            // Not a callable, but all attributes at once, or other methods.
            if (kind(key) == Kind::Text && kind(value) == Kind::Dict && text(key) == "__dict__") return true;
            continue;
        }
        const std::string_view word = text(key);
        const bool is_method = kind(value) == Kind::Object && kind(object(value).callable) == Kind::Global &&
                               name(object(value).callable).name == "getattr";
        if (is_dunder(word) || word == "append" || word == "extend" || word == "add" ||
            (is_method && !is_forward(word)))
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
    const bool unknown = made.verdict > Harmless && use_of(made.module, made.name) == Use::Any;
    return unknown || (by_key ? is_dictionary(made.module, made.name) : is_list(made.module, made.name));
}

void Stream::raise(Name& name, NameVerdict verdict, std::string_view reason) {
    if (verdict <= name.verdict) return;
    name.verdict = verdict;
    name.reason = reason;
}

}  // namespace yolovino::scan

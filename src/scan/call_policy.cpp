#include "scan/call_policy.hpp"

#include <string>

#include "scan/names.hpp"

namespace yolovino::scan {

using enum NameVerdict;
using Kind = ValueArena::Kind;

namespace {

constexpr std::uint64_t kRepetitionBytes = 64;
constexpr std::uint64_t kHarmlessWithinBytes = 16;

bool is_builtin(const ImportedName& name) noexcept {
    return name.module == "builtins" || name.module == "__builtin__";
}

/// Whether a call of the name evaluates text, or takes its arguments for a program.
bool evaluates_arguments(const ImportedName& name) noexcept {
    return name.module.starts_with("ultralytics.nn.tasks") ||
           (name.module.starts_with("ultralytics") && !is_network_class(name.module));
}

/// Whether a name is that of a function: those begin with a small letter, classes with a capital. Functions that
/// rebuild values do not count; they have names of their own.
bool is_function(std::string_view name) noexcept {
    const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
    for (const std::string_view known : {"_rebuild_", "_reconstruct", "_new_", "_unpickle_"}) {
        if (last.starts_with(known)) return false;
    }
    return !last.empty() && (last.front() < 'A' || last.front() > 'Z');
}

}  // namespace

void CallPolicy::count_push(Index node) {
    if (values_.kind(node) == Kind::Global) ++names_.of(node).pushes;
}

void CallPolicy::note_repetition(Index node) {
    if (values_.kind(node) == Kind::Tuple && values_.pay(kRepetitionBytes)) repeated_tuples_.insert(node);
}

void CallPolicy::mark_call_harmless(Index node) {
    if (values_.kind(node) == Kind::Global) ++names_.of(node).harmless_pushes;
}

void CallPolicy::mark_call_harmless_within(Index tuple, Index node) {
    if (values_.kind(tuple) == Kind::Tuple && values_.kind(node) == Kind::Global && values_.pay(kHarmlessWithinBytes))
        harmless_within_.emplace_back(tuple, node);
}

/// Makes the name that a value came from dangerous. Where there is no name, a remark says so.
void CallPolicy::mark_dangerous(Index node, std::string_view reason) {
    const Index origin = values_.kind(node) == Kind::Object ? values_.object(node).origin : node;
    if (values_.kind(origin) == Kind::Global) return names_.of(origin).raise(Dangerous, reason);
    // Python stops with an error where it takes a value from an empty stack.
    if (!anonymous_call_reported_ && !stack_.has_underflowed())
        remarks_.add("an object without a name: " + std::string(reason), true);
    anonymous_call_reported_ = true;
}

void CallPolicy::judge_computed_name(Index node) {
    if (values_.kind(node) == Kind::Global)
        names_.of(node).raise(Dangerous, "the name is computed while the file is loaded");
}

void CallPolicy::judge_instance(Index callable) {
    if (values_.kind(callable) != Kind::Global) return mark_dangerous(callable, "what it returns is called");
    judge_storage_call(names_.of(callable));
    if (names_.of(callable).use() == Use::AsClass) mark_call_harmless(callable);
}

void CallPolicy::judge_call(Index callable, Index arguments) {
    if (values_.kind(callable) != Kind::Global) return mark_dangerous(callable, "what it returns is called");
    ImportedName& called = names_.of(callable);
    judge_storage_call(called);
    switch (called.use()) {
        case Use::Any:
            if (called.verdict == Unknown && is_function(called.name))
                called.raise(Dangerous, "a function that is in none of the lists is called");
            return;
        case Use::Partial:
            return judge_partial(called, arguments);
        case Use::AsClass:
            return judge_class_call(called,
                                    values_.kind(arguments) != Kind::Tuple || !values_.items(arguments).empty());
        case Use::Getattr:
            return judge_getattr(called, arguments);
        case Use::Reconstructor:
            return judge_reconstructor(called, arguments);
        case Use::RebuildFromType:
            return judge_rebuild_from_type(called, arguments);
        case Use::RebuildWithState:
            if (state_methods_.sets_method(values_.element(arguments, 3)))
                called.raise(Dangerous, "its state holds a method");
            return;
        case Use::DefaultFactory:
            return judge_default_factory(called, arguments);
    }
}

void CallPolicy::judge_class_call(ImportedName& called, bool has_arguments) {
    if (!has_arguments && !evaluates_arguments(called)) {
        ++called.harmless_pushes;
        return;
    }
    // A checkpoint makes networks without their constructors.
    called.raise(evaluates_arguments(called) ? Dangerous : Unknown, "its constructor is called");
}

void CallPolicy::judge_getattr(ImportedName& called, Index arguments) {
    const bool has_two = values_.kind(arguments) == Kind::Tuple && values_.items(arguments).size() == 2;
    const Index attribute = has_two ? values_.element(arguments, 1) : ValueArena::kUnknown;
    if (values_.kind(attribute) != Kind::Text)
        return called.raise(Dangerous, "the attribute is computed while the file is loaded");
    const Index object = values_.element(arguments, 0);
    const bool is_mode =
        values_.kind(object) == Kind::Global &&
        is_interpolation_mode(names_.of(object).module, names_.of(object).name, values_.text(attribute));
    const Judgement judgement = is_mode ? Judgement{Harmless, {}} : judge_attribute(values_.text(attribute));
    if (judgement.verdict == Harmless) ++called.harmless_pushes;
    called.raise(judgement.verdict, judgement.reason);
}

/// `_reconstructor(cls, base, state)` calls `base.__new__` and `base.__init__`: for a builtin base nothing else runs.
void CallPolicy::judge_reconstructor(ImportedName& called, Index arguments) {
    const Index made = values_.element(arguments, 0);
    const Index base = values_.element(arguments, 1);
    const bool is_plain_base =
        values_.kind(base) == Kind::Global && is_builtin(names_.of(base)) && names_.of(base).verdict <= Harmless;
    if (!is_plain_base || values_.kind(made) != Kind::Global)
        return called.raise(Dangerous, "it calls a constructor of the file's choice");
    ++called.harmless_pushes;
    mark_call_harmless_within(arguments, made);
}

/// `_rebuild_from_type_v2(func, type, args, state)` calls `func` and sets the state.
void CallPolicy::judge_rebuild_from_type(ImportedName& called, Index arguments) {
    const Index function = values_.element(arguments, 0);
    const bool is_torchs_own = is_harmless_function(function) && names_.of(function).module == "torch._utils";
    if (!is_torchs_own || state_methods_.sets_method(values_.element(arguments, 3)))
        return called.raise(Dangerous, "it calls a function of the file's choice");
    ++called.harmless_pushes;
    mark_call_harmless_within(arguments, values_.element(arguments, 1));
}

void CallPolicy::judge_partial(ImportedName& called, Index arguments) {
    if (is_harmless_function(values_.element(arguments, 0))) ++called.harmless_pushes;
}

/// A class as factory makes empty values. The result of a call as factory may do anything.
void CallPolicy::judge_default_factory(ImportedName& called, Index arguments) {
    const Index factory = values_.element(arguments, 0);
    if (factory == ValueArena::kUnknown || values_.kind(factory) == Kind::Global) ++called.harmless_pushes;
}

/// PyTorch makes storages itself. Their constructors believe whatever size, address, and allocator the file states.
void CallPolicy::judge_storage_call(ImportedName& called) {
    if (called.name.ends_with("Storage") && (called.module == "torch" || called.module == "torch.storage"))
        called.raise(Dangerous, "a storage is made by its constructor");
}

/// Whether a call with any arguments is harmless.
bool CallPolicy::is_harmless_function(Index node) const {
    return values_.kind(node) == Kind::Global && names_.of(node).verdict <= Harmless &&
           names_.of(node).use() == Use::Any;
}

void CallPolicy::judge_keywords(Index callable, Index keywords) {
    if (values_.kind(keywords) == Kind::Dict && values_.items(keywords).empty()) return;
    if (values_.kind(callable) == Kind::Global && names_.of(callable).use() == Use::AsClass) return;
    mark_dangerous(callable, "it is made with keywords");
}

/// The ids of PyTorch name storages. In old files they also name classes of networks together with their source; then
/// Python uses the class.
std::optional<CallPolicy::Index> CallPolicy::judge_persistent_id(Index id) {
    const Index word = values_.element(id, 0);
    const bool is_text = values_.kind(word) == Kind::Text;
    if (is_text && values_.text(word) == "module") {
        const Index named = values_.element(id, 1);
        mark_call_harmless_within(id, named);
        return named;
    }
    if (!is_text || values_.text(word) != "storage")
        remarks_.add("a persistent id of another kind than PyTorch's", true);
    return std::nullopt;
}

void CallPolicy::judge_build(Index target, Index state) {
    if (values_.kind(target) == Kind::Global)
        names_.of(target).raise(Dangerous, "BUILD changes it for the whole program");
    judge_trusted_state(target, state);
    if (state_methods_.sets_method(state))
        mark_dangerous(target, "BUILD gives it a method that Python calls while it loads");
}

/// Some classes believe what their state says of a value.
void CallPolicy::judge_trusted_state(Index target, Index state) {
    if (values_.kind(target) != Kind::Object) return;
    const ValueArena::Object& object = values_.object(target);
    if (values_.kind(object.callable) != Kind::Global) return;
    ImportedName& made = names_.of(object.callable);
    if (made.use() == Use::Partial && !is_harmless_function(values_.element(state, 0)))
        made.raise(Dangerous, "BUILD gives it another function");
    if (made.module == "numpy" && made.name == "dtype") judge_dtype_state(made, object, state);
}

/// A dtype of objects must say so in its flags, or numpy takes bytes of the file for pointers.
void CallPolicy::judge_dtype_state(ImportedName& made, const ValueArena::Object& object, Index state) {
    constexpr std::int64_t kObjectFlags = 63;
    const Index type = values_.element(object.arguments, 0);
    if (values_.kind(type) != Kind::Text || values_.text(type).find('O') == std::string_view::npos) return;
    const bool has_flags = values_.kind(state) == Kind::Tuple && !values_.items(state).empty();
    const Index flags = has_flags ? values_.items(state).back() : ValueArena::kUnknown;
    if (values_.kind(flags) != Kind::Int || values_.integer(flags) != kObjectFlags)
        made.raise(Dangerous, "its flags deny that it holds objects");
}

void CallPolicy::judge_append(Index target) {
    if (!has_known_items(target, false)) mark_dangerous(target, "Python calls its append, extend, or add");
}

void CallPolicy::judge_set_items(Index target) {
    if (!has_known_items(target, true)) mark_dangerous(target, "items of it are replaced");
}

/// Whether Python adds elements to this value, or sets items by a key, without a method of a class of the file.
bool CallPolicy::has_known_items(Index target, bool by_key) const {
    if (values_.kind(target) != Kind::Object) return values_.kind(target) != Kind::Global;
    const Index callable = values_.object(target).callable;
    if (values_.kind(callable) != Kind::Global) return false;
    const ImportedName& made = names_.of(callable);
    // A name that is unknown or worse keeps that verdict in any case.
    const bool is_unknown = made.verdict > Harmless && made.use() == Use::Any;
    return is_unknown || (by_key ? is_dictionary(made.module, made.name) : is_list(made.module, made.name));
}

/// A name whose every use is known to be harmless is harmless; one other use is enough to doubt it.
void CallPolicy::finish() {
    std::unordered_set<Index> used;
    for (const auto& [tuple, node] : harmless_within_) {
        if (!repeated_tuples_.contains(tuple) && used.insert(tuple).second) mark_call_harmless(node);
    }
    for (ImportedName& each : names_.all()) {
        const Use use = each.use();
        const bool is_harmless = each.harmless_pushes > 0 && each.harmless_pushes == each.pushes;
        if (use == Use::AsClass && !is_harmless && each.pushes > 0) {
            each.raise(evaluates_arguments(each) ? Dangerous : Unknown,
                       "the class is handed on, not only instances of it");
        } else if (use != Use::AsClass && use != Use::Any && each.verdict == Unknown && is_harmless) {
            each.verdict = Harmless;
            each.reason = {};
        }
    }
}

}  // namespace yolovino::scan

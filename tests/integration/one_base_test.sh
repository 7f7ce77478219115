#!/usr/bin/env bash
# What has state in the room base lives once in a process: in the library. The command and the modules have copies of
# what holds none, such as printable(), and nothing else.
set -euo pipefail
command=$1
library=$2
modules=$3

# Names of what a file defines itself, local symbols too.
defined() { nm -C --defined-only "$1" | sed -n "s/^[0-9a-f]* [$2] //p" | sort -u; }
fail() {
  echo "$*" >&2
  exit 1
}

# Constants that are made when the file is loaded are called kSomething.
state=$(defined "$library" bBdD | grep -E '^yolovino::' | grep -vE '::k[A-Z][A-Za-z]*$' || true)
grep -q 'yolovino::.*sinks()::instance' <<<"$state" || fail "the test did not look: no state was found in $library"

# The lock of ChildProcess is for threads that start processes at the same time; the command starts them from one.
shared=$(comm -12 <(defined "$command" bBdD) <(cat <<<"$state") | grep -v 'ChildProcess::ChildProcess.*::mutex$' |
  grep -v '^guard variable' || true)
[ -z "$shared" ] || fail "$command has state of its own that the library has, too: $shared"

owners='yolovino::(Error::Error|set_log_sink|set_progress_sink|version|to_string)\(|yolovino::base::(emit|emit_progress|load_module_symbol|PendingPath::PendingPath)\('
own=$(defined "$command" tTwW | grep -E "^($owners)" || true)
[ -z "$own" ] || fail "$command has functions of its own that the library has, too: $own"
defined "$library" tTwW | grep -E "^($owners)" >/dev/null || fail "the test did not look: the library has none of them"

# A module's Errors are made by itself, which needs no state; messages and other modules are the library's.
for module in "$modules"/yolovino-*.so; do
  [ -e "$module" ] || fail "the test did not look: no modules in $modules"
  own=$(defined "$module" tTwW |
    grep -E '^yolovino::(set_log_sink|set_progress_sink|base::(emit|emit_progress|load_module_symbol))\(' || true)
  [ -z "$own" ] || fail "$module has functions of its own that have state: $own"
done

#!/usr/bin/env bash
# Checks the style of the sources: lint.sh [BUILD]. clang-format looks at every C++ file, shellcheck at every script,
# clang-tidy, which takes about 10 s a file, only at what changed since origin/main or, on main itself, in the last
# commit. The last line is `N passed, N failed`.
#   LINT_ALL=1        clang-tidy looks at every file
#   LINT_BASE=COMMIT  … at what changed since that commit
#   LINT_SECONDS=N    … for no longer than N seconds; the files that it did not come to are listed
#   TIDY=0            … at none, and no build is needed
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=${1:-build/release}
passed=0
failed=0
report() { # NAME STATUS TEXT
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    echo "lint: $1: $3"
}
finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
present() { # TOOL: whether it is installed; one that is missing is a failure
    command -v "$1" >/dev/null && return
    report "$1" 1 "not installed; run: tools/setup.sh lint"
    return 1
}

if present clang-format-14; then
    mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
    clang-format-14 --dry-run --Werror "${files[@]}"
    report clang-format $? "${#files[@]} files"
fi

if present shellcheck; then
    mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
    shellcheck "${scripts[@]}"
    report shellcheck $? "${#scripts[@]} files"
fi

if [ "${TIDY:-1}" != 1 ] || ! present clang-tidy-14; then finish; fi
if [ ! -f "$build/compile_commands.json" ]; then
    report clang-tidy 1 "$build/compile_commands.json is missing; run: make build"
    finish
fi

# The commit to compare with. Without one, as in a clone of a single commit, everything has changed.
base=${LINT_BASE:-$(git merge-base HEAD origin/main 2>/dev/null)}
if [ -z "${LINT_BASE:-}" ] && { [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; }; then
    base=$(git rev-parse --verify --quiet 'HEAD^') || base=
fi
changed() { # PATTERN: tracked files that differ from the base
    if [ "${LINT_ALL:-0}" = 1 ] || [ -z "$base" ]; then git ls-files "$1"; else git diff --name-only --diff-filter=d "$base" -- "$1"; fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# clang cannot read a header that GCC precompiled: the same commands without it, and only those of the sources.
if ! python3 - "$build/compile_commands.json" "$work/compile_commands.json" <<'PYTHON'
import json, re, sys
commands = json.load(open(sys.argv[1]))
for entry in commands:
    entry["command"] = re.sub(r"-include \S*cmake_pch\.h\S*|-Winvalid-pch|-fpch-preprocess", "", entry["command"])
json.dump(commands, open(sys.argv[2], "w"))
PYTHON
then
    report clang-tidy 1 "cannot read $build/compile_commands.json"
    finish
fi
# A header is seen through a source: the one of its name, else the first that includes it.
{
    changed 'src/*.cpp'
    while read -r header; do
        source=${header%.hpp}.cpp
        include=${header#src/}
        [ -f "$source" ] || source=$(git grep -lF "#include \"${include#include/}\"" -- 'src/*.cpp' | head -n 1)
        [ -z "$source" ] || echo "$source"
    done < <(changed 'src/*.hpp' && changed 'include/*.hpp')
} | sort -u >"$work/candidates"
# What is not built has no command; Debian's headers of LibTorch do not compile with clang 14 in C++20.
while read -r source; do
    case $source in src/runtime/libtorch/module/*) continue ;; esac
    ! grep -qF "\"$PWD/$source\"" "$work/compile_commands.json" || echo "$source"
done <"$work/candidates" >"$work/sources"

deadline=$(($(date +%s) + ${LINT_SECONDS:-86400}))
export work deadline
# shellcheck disable=SC2317 # xargs calls it
tidy() { # SOURCE: prints what clang-tidy finds in it
    local left=$((deadline - $(date +%s))) log status=0
    log=$work/${1//\//+}.log
    if [ "$left" -le 0 ]; then
        echo "$1" >>"$work/unseen"
        return
    fi
    timeout "$left" clang-tidy-14 --quiet -p "$work" --extra-arg=-Wno-unknown-warning-option "$1" >"$log" 2>&1 || status=$?
    case $status in
        0) ;;
        124) echo "$1" >>"$work/unseen" ;;
        *)
            grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed |^Use -header-filter' "$log"
            return 1
            ;;
    esac
}
export -f tidy
# shellcheck disable=SC2016 # the inner shell expands
xargs -r -P "$(nproc)" -n 1 bash -c 'tidy "$1"' tidy <"$work/sources"
status=$?
touch "$work/unseen"
if [ -s "$work/unseen" ]; then
    echo "lint: clang-tidy had no time for (make lint LINT_ALL=1 looks at every file):"
    sort "$work/unseen" | sed 's/^/  /'
fi
report clang-tidy "$status" "$(($(wc -l <"$work/sources") - $(wc -l <"$work/unseen"))) files"
finish

#!/usr/bin/env bash
# Compiles each header of include/ and src/ alone, to see that it includes what it uses: check_headers.sh [BUILD].
# A public header needs nothing but include/; one of src gets the flags of a source of its folder, without the
# precompiled header, which would lend its includes. Ninja keeps what was checked until the header, or what it includes,
# changes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build/release}")
if [ ! -f "$build/compile_commands.json" ]; then
    echo "check_headers: $build/compile_commands.json is missing; run: make build" >&2
    exit 1
fi
mkdir -p "$build/headers"
python3 - "$PWD" "$build/compile_commands.json" "$build/headers" <<'PYTHON'
import json, os, pathlib, re, shlex, shutil, sys
root, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[3])
flags_of, compiler = {}, "c++"
for entry in sorted(json.load(open(sys.argv[2])), key=lambda entry: entry["file"]):
    words = shlex.split(entry["command"])
    compiler = next(word for word in words if os.path.basename(word) != "ccache")
    flags = []
    for word, following in zip(words, words[1:] + [""]):
        if word == "-isystem": flags += [word, following]
        elif re.match(r"-[DI]|-std=", word): flags.append(word)
    flags_of.setdefault(pathlib.Path(entry["file"]).parent, flags)
flags_of[root / "include/yolovino"] = ["-std=c++20", f"-I{root}/include"]
flags = "$flags -O0 -w -fmax-errors=3 -MD -MF $out.d -MT $out"
if cache := shutil.which("ccache"): command = f"{cache} {compiler} {flags} -c $in -o $out"
else: command = f"{compiler} {flags} -fsyntax-only $in && touch $out"
lines = [f"rule check\n  command = {command}",
         "  depfile = $out.d\n  deps = gcc\n  description = $header"]
checked = 0
for header in sorted([*root.glob("include/**/*.hpp"), *root.glob("src/**/*.hpp")]):
    folder = header.parent
    while folder not in flags_of and not list(folder.glob("*.cpp")) and folder != root: folder = folder.parent
    name = header.relative_to(root).as_posix()
    if folder not in flags_of:
        print(f"check_headers: {name} is not looked at: no source of its folder is built")
        continue
    stub = work / (name.replace("/", "+") + ".cpp")
    text = f'#include "{name.split("/", 1)[1]}"\n'
    if not stub.exists() or stub.read_text() != text: stub.write_text(text)
    quoted = " ".join(map(shlex.quote, flags_of[folder])).replace("$", "$$")
    lines.append(f"build {stub.stem}.o: check {stub.name}\n  header = {name}\n  flags = {quoted}")
    checked += 1
(work / "build.ninja").write_text("\n".join(lines) + "\n")
print(f"check_headers: {checked} headers")
sys.exit(checked < 100)  # a check that found no headers must not pass
PYTHON
# ccache without a preprocessor run of its own: half of the time of a header is its includes.
CCACHE_DEPEND=1 ninja -C "$build/headers" -k 0 --quiet

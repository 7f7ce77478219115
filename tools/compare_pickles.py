#!/usr/bin/env python3
"""Compares our reading of pickles with pickletools of Python's standard library: same operations at the same offsets,
and the same tree. Nothing is unpickled: the tree is built here, from pickletools' list of operations.

    tools/compare_pickles.py build/release/tests/dump_pickle FILE_OR_FOLDER ...

Prints one line for each file that differs and a sum; status 1 if any differs or none was compared.
"""

import json
import os
import pickletools
import struct
import subprocess
import sys
import zipfile

MARK = object()


def read_names(file):
    """Names of GLOBAL are UTF-8 for the unpickler; pickletools knows only ASCII."""
    return b" ".join(file.readline().rstrip(b"\n") for _ in range(2)).decode("utf-8")


for operation in pickletools.opcodes:
    if operation.name == "GLOBAL":
        operation.arg.reader = read_names


def stream_of(path):
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(path) as archive:
        (name,) = [n for n in archive.namelist() if n.count("/") == 1 and n.endswith("/data.pkl")]
        return archive.read(name)


class Tree:
    """Values as lists [kind, ...], shared where the pickle shares them."""

    def __init__(self, stream):
        self.stack = []
        self.memo = {}
        self.operations = []
        operations = list(pickletools.genops(stream))
        for i, (opcode, argument, offset) in enumerate(operations):
            if i > 0:  # PROTO has been read before the first operation
                self.operations.append([offset, ord(opcode.code)])
            if opcode.name == "STOP":
                self.length = offset + 1
                break
            end = operations[i + 1][2]
            getattr(self, "do_" + opcode.name)(argument, stream[offset:end])
        (self.root,) = self.stack

    def pop_mark(self):
        at = len(self.stack) - 1 - self.stack[::-1].index(MARK)
        values = self.stack[at + 1 :]
        del self.stack[at:]
        return values

    def push(self, *value):
        self.stack.append(list(value))

    def do_PROTO(self, argument, raw):
        pass

    def do_MARK(self, argument, raw):
        self.stack.append(MARK)

    def do_NONE(self, argument, raw):
        self.push("none")

    def do_NEWTRUE(self, argument, raw):
        self.push("bool", True)

    def do_NEWFALSE(self, argument, raw):
        self.push("bool", False)

    def do_BININT(self, argument, raw):
        self.push("int", argument)

    do_BININT1 = do_BININT2 = do_BININT

    def do_LONG1(self, argument, raw):
        self.push("bigint") if raw[1] > 8 else self.push("int", argument)

    def do_BINFLOAT(self, argument, raw):
        self.push("float", struct.unpack(">Q", raw[1:9])[0])

    def do_BINUNICODE(self, argument, raw):
        self.push("text", raw[5:].decode("latin1"))

    def do_SHORT_BINUNICODE(self, argument, raw):
        self.push("text", raw[2:].decode("latin1"))

    def do_BINUNICODE8(self, argument, raw):
        self.push("text", raw[9:].decode("latin1"))

    def do_SHORT_BINBYTES(self, argument, raw):
        self.push("bytes", raw[2:].decode("latin1"))

    def do_BINBYTES(self, argument, raw):
        self.push("bytes", raw[5:].decode("latin1"))

    def do_BINBYTES8(self, argument, raw):
        self.push("bytes", raw[9:].decode("latin1"))

    do_BYTEARRAY8 = do_BINBYTES8

    def do_FRAME(self, argument, raw):
        pass

    def do_SHORT_BINSTRING(self, argument, raw):
        self.push("text", raw[2:].decode("latin1"))

    def do_EMPTY_TUPLE(self, argument, raw):
        self.push("tuple", [])

    def tuple_of(self, count):
        values = self.stack[-count:]
        del self.stack[-count:]
        self.push("tuple", values)

    def do_TUPLE1(self, argument, raw):
        self.tuple_of(1)

    def do_TUPLE2(self, argument, raw):
        self.tuple_of(2)

    def do_TUPLE3(self, argument, raw):
        self.tuple_of(3)

    def do_TUPLE(self, argument, raw):
        self.push("tuple", self.pop_mark())

    def do_EMPTY_LIST(self, argument, raw):
        self.push("list", [])

    def do_EMPTY_DICT(self, argument, raw):
        self.push("dict", [])

    def do_EMPTY_SET(self, argument, raw):
        self.push("set", [])

    def do_ADDITEMS(self, argument, raw):
        values = self.pop_mark()
        self.stack[-1][1].extend(values)

    def do_FROZENSET(self, argument, raw):
        self.push("set", self.pop_mark())

    def extend(self, values, place):
        target = self.stack[-1]
        target[place if target[0] == "object" else 1].extend(values)

    def do_APPEND(self, argument, raw):
        self.extend([self.stack.pop()], 4)

    def do_APPENDS(self, argument, raw):
        self.extend(self.pop_mark(), 4)

    def do_SETITEM(self, argument, raw):
        pair = self.stack[-2:]
        del self.stack[-2:]
        self.extend(pair, 3)

    def do_SETITEMS(self, argument, raw):
        self.extend(self.pop_mark(), 3)

    def do_GLOBAL(self, argument, raw):
        self.push("global", *raw[1:].decode("latin1").split("\n")[:2])

    def do_STACK_GLOBAL(self, argument, raw):
        name = self.stack.pop()
        self.push("global", self.stack.pop()[1], name[1])

    def do_NEWOBJ_EX(self, argument, raw):
        named = self.stack.pop()
        if named[1]:
            self.push("tuple", [self.stack.pop(), named])
        self.do_REDUCE(argument, raw)

    def do_REDUCE(self, argument, raw):
        arguments = self.stack.pop()
        self.push("object", self.stack.pop(), arguments, [], [], None)

    do_NEWOBJ = do_REDUCE

    def do_BUILD(self, argument, raw):
        state = self.stack.pop()
        self.stack[-1][5] = state

    def do_BINPERSID(self, argument, raw):
        self.push("id", self.stack.pop())

    def do_BINPUT(self, argument, raw):
        self.memo[argument] = self.stack[-1]

    do_LONG_BINPUT = do_BINPUT

    def do_MEMOIZE(self, argument, raw):
        self.memo[len(self.memo)] = self.stack[-1]

    def do_BINGET(self, argument, raw):
        self.stack.append(self.memo[argument])

    do_LONG_BINGET = do_BINGET


def children(kind, value, to_node):
    """The scalars of a value, and the values that it refers to."""
    if kind in ("tuple", "list", "dict", "set"):
        return [len(value[1])], [to_node(each) for each in value[1]]
    if kind == "id":
        return [], [to_node(value[1])]
    if kind == "object":
        state = [] if value[5] is None else [to_node(value[5])]
        lengths = [len(value[3]), len(value[4]), len(state)]
        return lengths, [to_node(each) for each in [value[1], value[2], *value[3], *value[4]]] + state
    return value[1:], []


def is_constant(kind, value):
    """What has no identity: our reader keeps one None, one True, one False, and one empty tuple."""
    return kind in ("none", "bool") or (kind == "tuple" and not value[1])


def difference(tree, nodes, root):
    """Nothing, or what differs first; sharing must be the same, too."""
    partner = {}
    keep = {}
    left = [(tree.root, root)]
    while left:
        theirs, ours = left.pop()
        node = nodes[ours]
        if theirs[0] != node[0]:
            return f"kind {theirs[0]} and {node[0]} at node {ours}"
        if not is_constant(theirs[0], theirs):
            known = partner.setdefault(id(theirs), ours)
            if known != ours or keep.setdefault(ours, id(theirs)) != id(theirs):
                return f"node {ours} is shared in another way"
            if known == ours and (id(theirs), "seen") in partner:
                continue
            partner[(id(theirs), "seen")] = True
        their_scalars, their_children = children(theirs[0], theirs, lambda each: each)
        our_scalars, our_children = children(node[0], node, lambda each: each)
        if their_scalars != our_scalars:
            return f"{theirs[0]} {their_scalars!r:.80} and {our_scalars!r:.80} at node {ours}"
        left.extend(zip(their_children, our_children))
    return None


def compare(reading):
    stream = stream_of(reading["file"])
    tree = Tree(stream)
    if tree.length != len(stream):
        return f"pickletools ends at {tree.length} of {len(stream)} bytes"
    if tree.operations != reading["operations"]:
        for theirs, ours in zip(tree.operations, reading["operations"]):
            if theirs != ours:
                return f"operation {theirs} and {ours}"
        return f"{len(tree.operations)} and {len(reading['operations'])} operations"
    return difference(tree, reading["nodes"], reading["root"])


def main():
    program, *places = sys.argv[1:]
    files = []
    for place in places:
        if os.path.isdir(place):
            files += [os.path.join(place, name) for name in sorted(os.listdir(place))]
        else:
            files.append(place)
    files = [file for file in files if os.path.isfile(file)]
    same = operations = nodes = refused = 0
    bad = []
    for start in range(0, len(files), 50):
        lines = subprocess.run([program, *files[start : start + 50]], check=True, capture_output=True).stdout
        for line in lines.splitlines():
            reading = json.loads(line)
            if "refused" in reading:
                refused += 1
                continue
            try:
                found = compare(reading)
            except Exception as error:  # pickletools refuses what we accept
                found = f"pickletools: {type(error).__name__}: {error}"
            if found:
                bad.append(f"{reading['file']}: {found}")
                continue
            same += 1
            operations += len(reading["operations"])
            nodes += len(reading["nodes"])
    for line in bad:
        print(line)
    print(f"{same} pickles read alike ({operations} operations, {nodes} values), {refused} refused by us, {len(bad)} differ")
    return 0 if same and not bad else 1


if __name__ == "__main__":
    sys.exit(main())

"""Makes documents.json: odd YAML, label, and list files with what the real readers make of them.

Run by hand, never by the build or a test:

    REFERENCE/bin/python make_documents.py --older-pyyaml PYTHON --out documents.json

REFERENCE has ultralytics 8.4.190, PyYAML 6.0.4 with libyaml 0.2.5, and Python 3.11; PYTHON has PyYAML 6.0.3, whose order
of merged mappings is that of every release but 6.0.4. Only answers of public functions are recorded. Bytes stand as the
characters U+0000 to U+00FF.
"""

import argparse
import datetime
import json
import logging
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import yaml
from ultralytics.data.build import load_inference_source
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset
from ultralytics.utils import LOGGER, YAML

JPEG = cv2.imencode(".jpg", np.full((32, 32, 3), 90, np.uint8))[1].tobytes()
OLDER = None


def raw(value):
    return value if isinstance(value, bytes) else value.encode("utf-8")


def text_of(data):
    return data.decode("latin-1")


def typed(value):
    """A value as JSON that keeps Python's types."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["f", "nan" if math.isnan(value) else repr(value)]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return ["t", str(value)]
    if isinstance(value, list):
        return ["l", *(typed(v) for v in value)]
    if isinstance(value, dict):
        return ["m", *([typed(k), typed(v)] for k, v in value.items())]
    raise TypeError(type(value).__name__)


OLDER_PROGRAM = """
import json, sys, yaml
for line in sys.stdin:
    try: print(json.dumps(repr(yaml.load(json.loads(line), Loader=yaml.CSafeLoader))), flush=True)
    except Exception: print('null', flush=True)
"""


class OlderPyYaml:
    def __init__(self, python):
        self.process = subprocess.Popen([python, "-c", OLDER_PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, text):
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def load_yaml(data):
    """The value, or None and False where the reference refuses the document."""
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        try:
            return YAML.load(file.name), True
        except Exception as error:
            if "not a valid YAML mapping" not in str(error):
                return None, False
    text = data.decode("utf-8", "ignore")
    return yaml.load(text, Loader=yaml.CSafeLoader), True


def yaml_case(document):
    data = raw(document)
    value, read = load_yaml(data)
    case = {"in": text_of(data)}
    if not read:
        case["error"] = True
        return case
    if value == {} and not re.search(rb"[{]", data):
        value = None  # an empty file, which Ultralytics takes for a mapping without keys
    older = OLDER.read(data.decode("utf-8", "ignore")) 
    if older is not None and b"<<" in data and older != repr(value):
        case["class"] = "merge_order"
        value = eval(older, {"datetime": datetime, "inf": math.inf, "nan": math.nan})
    try:
        case["out"] = typed(value)
    except (TypeError, RecursionError) as error:
        case["class"] = "recursive" if isinstance(error, RecursionError) else "tags_unused"
    return case


WORDS = """null Null NULL ~ nULL none None yes Yes YES yEs no No on On ON oN off OFF true True TRUE tRue false False y Y n
    0 00 01 07 08 09 010 0o17 0O17 0b 0b_ 0b1 0b102 0b1_1 -0b11 0x 0x_ 0x1F 0xG +0x1f 0x1_F 1 +1 -1 --1 +-1 1_ 1__0 1_000 _1
    1e3 1E3 1e+3 1.e3 1.e+3 1.5e-3 1.5E+3 1.5e3 .5 -.5 +.5 .5e+1 .5e1 5. 5._ 5_.5 0.0 -0.0 -0 +0 . .. ... ._5 .5_ ._ 1.2.3
    .inf -.inf +.inf .Inf .INF .iNF inf .nan .NaN .NAN -.nan nan 1:30 1:60 1:5 1:05 1:30:30 190:20:30 190:20:30.15 -1:30 0:30
    1:30. 1:30.5 1:30.5e+1 1:2:3:4 1: 12e03 2024-01-01 2024-1-1 2024-13-01 2024-02-29 2023-02-29 2024-02-30 0000-01-01
    2024-01-01T10:00:00Z 2024-01-01t1:02:03 2024-01-01T10:00 2024-01-01T24:00:00 2024-01-01T10:00:00.5 2024-01-01T10:00:00.
    2024-01-01T10:00:00.1234567 2024-01-01T10:00:00+2 2024-01-01T10:00:00-05:30 2024-01-01T10:00:00+24:00 10:00:00
    9223372036854775807 9223372036854775808 -9223372036854775809 99999999999999999999999999 = < << <<< - -a -- --- :a a:b a: ?a
    #a a#b &a *a !a %a @a `a |a >a a,b a] a} [a [] {} '' "" 'a' "a" 1,000 1.000.000 v1 1a 0.1.2 4.0 640x480 +a 1+1 1-1 12:30:45
    http://a/b C:\\a \\ / /a ./a ../a *.jpg a*b person traffic¤light naïve 人 😀 é""".split()

YAMLS = [
    "", " ", "\n", "# only\n", "null", "~", "---", "---\n", "--- \n", "---\n...\n", "...\n", "---\na: 1\n", "--- {a: 1}\n",
    "--- a\n", "---a: 1\n", "a: 1\n...\n", "a: 1\n---\n", "a: 1\n---\nb: 2\n", "a: 1\n...\n---\nb: 2\n", "a: 1\n... # end\n",
    "# c\n---\n# d\na: 1 # e\n", "a: 1\n...\n# c\n", "a: 1\n...\nb: 2\n", "---\n---\na: 1\n", "%YAML 1.1\n---\na: yes\n",
    "%YAML 1.2\n---\na: yes\n", "%YAML 1.3\n---\na: 1\n", "%YAML 2.0\n---\na: 1\n", "%YAML 1\n---\na: 1\n",
    "%YAML 1.1\n%YAML 1.1\n---\na: 1\n", "%YAML 1.1\na: 1\n", "%TAG ! tag:x,2000:\n---\na: 1\n",
    "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '3'\n", "%FOO bar\n---\na: 1\n", " %YAML 1.1\n---\na: 1\n", "%\n---\na: 1\n",
    b"\xef\xbb\xbfa: 1\n", b"\xef\xbb\xbf\n\na: 1\n", b"\xef\xbb\xbf---\na: 1\n", b"\xef\xbb\xbf# c\na: 1\n",
    b"\xef\xbb\xbf\xef\xbb\xbfa: 1\n", b"\xef\xbb\xbf", b"\xff\xfea\x00:\x00 \x001\x00\n\x00", "a: b\n".encode("utf-16"),
    "a: b\n".encode("utf-16-be"), b"a: \xff\n", b"a: x\xffy\n", b"\xffa: 1\n", b"a: \xe2\x82\n", b"a: \xed\xa0\x80z\n",
    b"a: \xc0\xaf\n", b"a: \xf5\x80\x80\x80\n", b"a: \xe4\xb8\n", b"a\xff: 1\n", b"a:\xff 1\n",
    "a: x\x00y\n", "a: x\x07y\n", "a: x\x7fy\n", "a: \x1b[31mred\n", "a: x\x0by\n", "a: x\x0cy\n", "\x0ca: 1\n", "a: 1\x1cb\n",
    "a: x\x80y\n", "a: x\x9fy\n", "a: \ufffe\n", "a: \uffff\n", "a: x\ufffdy\n", "a: \U0001f600\n", "a: x\u200by\n",
    "a: x\u00a0y\n", "a: x\u00a0\n", "a: \u00a0x\n", "a:\u00a0x\n", "a\u00a0: x\n", "\u00a0a: x\n", "a: x\u3000\n", "a: x\ufeffy\n",
    "a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a: 1\n\rb: 2\n", "a: 1\r\r\nb: 2", "a: 1\x85b: 2\n", "a: 1\u2028b: 2\n", "a: 1\u2029b: 2\n", "a: \"x\u2028y\"\n", "a: \"x\u2028  y\"\n", "a: |\n  x\u2028  y\n", "a: # c\u2028  b\n", "a: \"x\x85y\"\n",
    "a: |\r\n  x\r\n  y\r\n", "a: 'x\r\n  y'\r\n", "a: # c\x85  b\n", "a:\r\n  - 1\r\n  - 2\r\n",
    "a: 1\na: 2\n", "a: 1\nb: 2\na: 3\n", "a: {x: 1}\na: {y: 2}\n", "{a: 1, a: 2}", "{1: a, 1.0: b}", "{1: a, true: b}", "{0: a, false: b, 0.0: c}",
    "{1: a, '1': b}", "{'a': 1, \"a\": 2}", "{~: 1, null: 2}", "{.nan: 1, .nan: 2}", "{2024-01-01: 1, 2024-01-01: 2}", "{0x10: a, 16: b}",
    "{1:30: a, 90: b}", "{0: a, -0: b, -0.0: c}", "names:\n  0: a\n  0: b\n", "val: nowhere\nval: images/val\n", "a: 1\n'a': 2\n",
    "{9223372036854775808: a, 9223372036854775808: b}", "{1e3: a, 1000: b}", "{1.0e+3: a, 1000: b}", "{.inf: a, .inf: b}",
    "<<: {a: 1}\n", "<<: {a: 1}\na: 2\n", "a: 2\n<<: {a: 1, b: 3}\n", "<<: [{a: 1}, {b: 2}]\n", "x: &x {aa: 1, bb: 2}\n<<: *x\n",
    "x: &x {train: images, val: images}\n<<: *x\nnames: [a]\n", "<<: [{aa: 1}, {aa: 2}]\n", "<<: [{aa: 1, bb: 1}, {aa: 2, cc: 2}]\n",
    "<<: {aa: 1}\n<<: {aa: 2}\n", "<<: {aa: 1}\n<<: {bb: 2}\n", "x: &x {aa: 1}\ny: &y {<<: *x, bb: 2}\nz: {<<: *y, cc: 3}\n",
    "x: &x {aa: 1}\ny: &y {aa: 2}\nz: {<<: [*x, *y]}\n", "x: &x {aa: 1}\nz: {<<: [*x, *x]}\n", "<<: {}\n", "<<: []\n", "<<: \n", "<<: 1\n",
    "<<: a\n", "<<: [1]\n", "<<: [[{a: 1}]]\n", "<<: [{a: 1}, b]\n", "'<<': {a: 1}\n", "\"<<\": 1\n", "a: <<\n", "[<<]", "[<<: {a: 1}]",
    "!!str <<: {a: 1}\n", "!!merge x: {a: 1}\n", "? <<\n: {a: 1}\n", "<<: &a {b: 1}\nc: *a\n", "a: {<<: {b: 1, b: 2}}", "a: {<<: {bb: 1, bb: 2}}",
    "x: &x\n  a: 1\n  b: 2\ny:\n  <<: *x\n  b: 3\n", "=: 1\n", "a: =\n", "{=: a, '=': b}", "<<: {=: 1}\n",
    "a:\n", "a: \nb: 1\n", "a:\n\nb:\n", "? a\n", "? a\n? b\n", "? a\n: 1\n? b\n: 2\n", "?\n: 1\n", "? \n", ": 1\n", "a:1\n", "{a:1}", "{a: }",
    "{a}", "{a, b}", "{a: 1, b}", "{'a':1}", "{\"a\":1}", "{a: 1,}", "[a, b, ]", "[a,,b]", "[,]", "{,}", "[a: 1]", "[a: 1, b: 2]", "[? a : b]",
    "{? a : b}", "{? a}", "[a, [b, [c]]]", "[{a: 1}, {b: [2]}]", "[a\n, b]", "[a,\nb]\n", "a: [1,\n2]\n", "a: [1,\n  2]\n", "a: [\n1\n]\n",
    "a: {\nb: 1\n}\n", "a: [1\n", "a: {1\n", "a: ]\n", "a: }\n", "[a]]", "[a] b", "{a: 1} b", "[a]: b\n", "{a: 1}: b\n", "? [a]\n: b\n",
    "[a b, c d]", "[a #b\n, c]", "[a, #b\n c]", "[a#b]", "{a: b#c}", "[http://a:80/b]", "{a: http://b}", "[::]", "[a:, b]", "[-1, - 1]", "[-]", "[- a]",
    "- a\n- b\n", "- a\n -b\n", "- a\n-b\n", "-a\n", "- \n- a\n", "-\n-\n", "- - a\n  - b\n- c\n", "-\n  - a\n", "- a: 1\n  b: 2\n- c: 3\n", "-   a: 1\n    b: 2\n",
    "- a: 1\n b: 2\n", "- [a]\n- {b: 1}\n", "a:\n- 1\n- 2\n", "a:\n  - 1\n  - 2\nb: 3\n", "a:\n - 1\n  - 2\n", "a:\n  - 1\n - 2\n", "a: - 1\n", "a: -\n", "a: -1\n",
    "a: 1\n b: 2\n", " a: 1\nb: 2\n", " a: 1\n b: 2\n", "a:\n  b: 1\n c: 2\n", "a:\n b:\n  c: 1\n", "a:\n    b: 1\n  c: 2\n", "a: b\n  c\n", "a: b\nc\n", "a\nb\n", "a\nb: 1\n", "a: b\n\n  c\n",
    "a: b\n  c: d\n", "a: b: c\n", "a: 'b': c\n", "a: b :c\n", "a : b\n", "a  :  b\n", "a: b:\n", "a:: b\n", ":a: b\n", "a:b: c\n", "a: :b\n", "a: b#\n", "a: b #\n", "a:#b\n", "a: #b\n", "#a: b\n", "a#: b\n", "a: 'b' #c\n", "a: 'b'#c\n", "a: 'b' c\n", "a: \"b\" c\n",
    "\ta: 1\n", "a:\t1\n", "a: \t1\n", "a: 1\t\n", "a: 1\t# c\n", "a\t: 1\n", "a:\n\tb: 1\n", "a:\n  \tb: 1\n", "a: 1\n\t\nb: 2\n", "a: 1\n  \t\nb: 2\n", "a: [1,\n\t2]\n", "a: [\t1,\t2\t]\n", "-\ta\n", "- \ta\n", "-\ta: 1\n", "a: x\ty\n", "a: 'x\ty'\n", "a: |\n\tx\n", "a: |\n  \tx\n", "a: b\n\tc\n", "{\ta: 1}\n", "?\ta\n:\t1\n", "a: 1\tb: 2\n", "\t# c\na: 1\n",
    "a: 'it''s'\n", "a: ''''\n", "a: '\n", "a: \"\n", "a: 'b\n", "a: 'b\n  c'\n", "a: 'b\n\n  c'\n", "a: 'b\nc'\n", "a: ' b '\n", "a: '\\n'\n", "a: \"b\\\n  c\"\n", "a: \"b\n  c\"\n", "a: \"b \\\n  c\"\n", "'a b': 1\n", "\"a: b\": 1\n", "'a\n b': 1\n", "a: \"---\"\n", "a: '\n--- b'\n",
    "a: \"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\\"\\/\\\\\"\n", "a: \"\\N\"\n", "a: \"\\_\"\n", "a: \"\\L\\P\"\n", "a: \"\\x41\"\n", "a: \"\\u00e9\"\n", "a: \"\\U0001F600\"\n", "a: \"\\ud83d\\ude00\"\n", "a: \"\\ud83d\"\n", "a: \"\\U00110000\"\n", "a: \"\\x4\"\n", "a: \"\\'\"\n", "a: \"\\q\"\n", "a: \"\\1\"\n", "a: \"\\\t\"\n", "a: \"\\x00\"\n", "a: \"\\x85\\xa0\\xff\"\n", "'\\x41': 1\n",
    "a: |\n  x\n  y\n", "a: |-\n  x\n\n", "a: |+\n  x\n\nb: 1\n", "a: >\n  x\n  y\n\n  z\n", "a: >-\n  x\n    y\n  z\n", "a: |2\n   x\n", "a: |1\n  x\n y\n", "a: |\n x\n  y\n", "a: |\n\n  x\n", "a: |\n", "a: |\nb: 1\n", "a: | # c\n  x\n", "a: |#c\n  x\n", "a: |x\n  y\n", "a: >2-\n  x\n", "a: >-2\n  x\n", "a: |\n  x\n y\n", "a: |9\n  x\n", "a: |0\n  x\n", "- |\n x\n- >\n y\n", "a: |\n  # no comment\n  x\n", "a: |\n  x\n  --- y\n", "a: |\n  x: 1\n", "|\n  x\n", "a: >\n\n  x\n\n\n  y\n", "download: |\n  import os\n  print('x')\n",
    "a: &b 1\nc: *b\n", "a: &b [1]\nc: *b\n", "a: &b\nc: *b\n", "a: &b x\nb: &b y\nc: *b\n", "a: *b\n", "a: &b *b\n", "a: &b [*b]\n", "&a b: 1\nc: *a\n", "&a b: 1\n*a : 2\n", "*a: 1\n", "a: &\n", "a: *\n", "a: &b&c 1\n", "a: &b &c 1\n", "&r\na: 1\n", "a: &b !!int 1\n", "a: !!int &b 1\nc: *b\n", "a: &b-c_1 1\nc: *b-c_1\n", "a: &b.c 1\n", "a: &b\n  c: 1\nd: *b\n", "[&a a, *a]", "[&a a,*a]", "{&a a: 1, b: *a}", "a: &x {b: 1}\nc: *x\nd: *x\n",
    "a: !!str 1\n", "a: !!str yes\n", "a: !!str\n", "a: !!str ~\n", "a: !!int '3'\n", "a: !!int x\n", "a: !!int 0x1F\n", "a: !!int 1:30\n", "a: !!int 1.5\n", "a: !!int\n", "a: !!float 3\n", "a: !!float '1e3'\n", "a: !!float x\n", "a: !!float .inf\n", "a: !!bool yes\n", "a: !!bool 'tRuE'\n", "a: !!bool 1\n", "a: !!bool maybe\n", "a: !!null x\n", "a: !!null ''\n", "a: !!seq [1]\n", "a: !!seq {}\n", "a: !!seq 1\n", "a: !!map {b: 1}\n", "a: !!map []\n", "a: !!map 1\n", "a: !!str [1]\n", "a: !!str {}\n", "a: !!timestamp 2024-01-01\n", "a: !!timestamp 2024-1-2\n", "a: !!timestamp '2024-01-01'\n", "a: !!timestamp x\n", "a: ! 1\n", "a: ! '1'\n", "a: ! \"yes\"\n", "a: ! [1]\n", "a: !<tag:yaml.org,2002:int> '1'\n", "a: !<x> 1\n", "a: !foo 1\n", "a: !foo [1]\n", "a: !foo {b: 1}\n", "a: !foo!bar 1\n", "a: !!foo 1\n", "a: !!python/tuple [1]\n", "a: !!python/object/apply:os.system [echo]\n", "a: !!python/name:os.system\n", "a: !!python/object:x.Y {}\n", "!!python/object/new:os.system [x]", "a: !!binary aGk=\n", "a: !!set {x}\n", "a: !!omap [x: 1]\n", "a: !!pairs [x: 1]\n", "!!map {a: 1}\n", "!!str a: 1\n", "!!int '1': a\n", "a: !!yaml 1\n", "a: !!value =\n",
    "a: @b\n", "a: `b\n", "a: %b\n", "a: !b\n", "@a: 1\n", "a: b@c\n", "a: b%c\n", "a: ,b\n", "a: b, c\n", "a: [b}\n", "a: {b]\n", "a: \"b\": c\n", "a: ? b\n", "a: ?b\n", "a: -b\n", "a: - b\n", "a: b - c\n", "a: |b\n", "a: >b\n", "a: <b\n", "a: =b\n", "a: $b\n", "a: (b)\n", "a: b(c)\n", "a: \\\n", "a: C:\\dir\n", "path: C:/dir\n", "path: ~/data\n", "val: ../valid/images\n", "a: b!c\n", "a: b&c\n", "a: b*c\n", "a: *.jpg\n", "a: {{x}}\n", "a: {{x}}: 1\n", "a: ${x}\n", "a: %(x)s\n",
    "names: [a, b]\nnc: 2\n", "names:\n  0: person\n  1: bicycle\n", "names:\n- a\n- b\n", "names: {0: a, 1: b}\n", "names: ['a', \"b\", c d]\n", "names: [yes, no, on, 1, 2.5, null, ~, 2024-01-01]\n", "nc: 4.0\n", "nc: '4'\n", "names:\nnc: 3\n", "names:\n  '0': a\n  \"1\": b\n", "names: [traffic light, 人, naïve]\n", "names: [a\nb, c]\n", "names: [n: 1]\n", "names: [a: , b]\n", "names: [x,y,z,]\n", "names: [it's, b]\n", "names: ['it's', b]\n", "kpt_shape: [17, 3]\nflip_idx: [0, 2, 1]\n", "train: [a, b]\nval: a\n", "channels: 1\n", "path: .\ntrain: a  # train images (relative to 'path') 118287 images\n",
    "None: 1\n", "[None, 'None', \"None\"]", "{a: None}", "a: none\n", "a: NONE\n", "- None\n", "a: !!str None\n", "a: None # c\n", "a: None b\n", "None\n", "a: ! None\n", "a: {b: None}\n", "a: [None]\n", "a: ' None '\n", "a: 'null'\n",
    "{: 1}", "{? : 1}", "{a: 1, , b: 2}", "{a: ,b: 1}", "{a, ,b}", "[a, ]", "[ ]", "{ }", "[ , a]", "[a: , b]", "{a : 1}", "{a :1}", "? a\nb: 1\n", "a: 1\nb\nc: 2\n", "a: 1\n'b'\n", "a: 1\n[b]\n", "a:\n  - 1\n  b\n", "a:\n  b\n  c: 1\n", "a: 1\n&x\n", "- a\nb\n", "&a\n", "a: &x # c\n  'b'\n", "a: !!str # c\n  \"b\"\n", "a: &x\n  \"it's \\\"q\\\" b\"\n", "a: '\"'\n", "a: \"'\"\n", "'a'", "\"a", "[\"a, b]", "['a', 'b]", "{\"a: 1}", "a: \"x\\N\\_y\"\n", "a: 'x\\N'\n", "人: 'é\\'\n", "é: \"\\'\"\n", "人: [é, , b]\n", "人: 1\né\n",
    "conf: 1e-3\n", "imgsz: (640, 480)\n", "device: None\n", "save: yes\n", "name: 7\n", "classes: [0, 1]\n", "tracker_type: bytetrack\ntrack_high_thresh: 0.25\nfuse_score: True\n", "lr0: 0.01\nmosaic: 1.0\nhsv_h: .015\n",
]


def random_yaml(rng):
    """A small document put together from parts that people write, with faults."""
    scalars = ["1", "yes", "~", "", "a b", "'q'", '"d"', "1e3", "0x1F", "017", "2024-01-01", "1:30", "[x, y]", "{k: v}", "&a x", "*a", "!!str 1", ".5", "-", "a: b", "|\n  t", "人", "#c", "'it''s'", "[1, [2]]", "<<"]
    keys = ["a", "b", "names", "val", "0", "1", "'0'", "true", "<<", "~", "a b", "? k", "1.0", "-1"]
    lines = []
    for _ in range(rng.randint(1, 5)):
        indent = " " * rng.choice([0, 0, 0, 0, 2, 2, 1])
        shape = rng.random()
        if shape < 0.7:
            lines.append(f"{indent}{rng.choice(keys)}:{rng.choice([' ', ' ', ' ', '', '  '])}{rng.choice(scalars)}")
        elif shape < 0.9:
            lines.append(f"{indent}- {rng.choice(scalars)}")
        else:
            lines.append(rng.choice(["# c", "", "---", "...", "x", "{a: 1}"]))
    return rng.choice(["\n", "\n", "\n", "\r\n", "\r"]).join(lines) + rng.choice(["", "\n"])


def read_labels(files, classes=4):
    """For each label file its rows and the number of duplicates, or a reason."""

    class Listener(logging.Handler):
        def __init__(self):
            super().__init__()
            self.lines = []

        def emit(self, record):
            self.lines += record.getMessage().split("\n")

    listener = Listener()
    LOGGER.addHandler(listener)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "images").mkdir()
        (root / "labels").mkdir()
        for i, data in enumerate(files):
            (root / "images" / f"{i:05d}.jpg").write_bytes(JPEG)
            (root / "labels" / f"{i:05d}.txt").write_bytes(data)
        data = {"names": {i: str(i) for i in range(classes)}, "nc": classes, "channels": 3}
        found = YOLODataset(img_path=str(root / "images"), data=data, task="detect", imgsz=32, augment=False).labels
    LOGGER.removeHandler(listener)
    found = {int(Path(each["im_file"]).stem): each for each in found}
    cases = []
    for i, file in enumerate(files):
        case = {"in": text_of(file)}
        if i not in found:
            case["error"] = True
        else:
            rows = [[float(c[0]), *(float(v) for v in box)] for c, box in zip(found[i]["cls"], found[i]["bboxes"])]
            case["out"] = [[float(f"{v:.9g}") for v in row] for row in rows]
            told = [re.search(r"(\d+) duplicate labels", line) for line in listener.lines if f"{i:05d}.jpg" in line]
            case["duplicates"] = next((int(m.group(1)) for m in told if m), 0)
        cases.append(case)
    return cases


BOX = "0 .5 .5 .1 .1"
POLYGON = "1 .1 .1 .2 .2 .3 .3"
LABELS = [
    "", "\n", " \n\t\n", BOX, BOX + "\n", "\n\n" + BOX + "\n\n", BOX + "\n  \n1 .5 .5 .2 .2", " " + BOX + " ", b"\xef\xbb\xbf" + raw(BOX), b"\xef\xbb\xbf", b"\xef\xbb\xbf\n" + raw(BOX),
    b"\xef\xbb\xbf\xef\xbb\xbf" + raw(BOX), raw(BOX) + b"\n\xef\xbb\xbf1 .5 .5 .1 .1", raw(BOX) + b"\xef\xbb\xbf", BOX.encode("utf-16"), BOX.encode("utf-16-be"), BOX.encode("utf-32"),
    b"\xff" + raw(BOX), raw(BOX) + b"\n\xff", raw(BOX) + b"\xe2\x80", raw(BOX) + b"\xed\xa0\x80", b"0\xa0.5 .5 .1 .1", b"0 .5 .5 .1 .1\x85",
    *(BOX + end + "1 .5 .5 .2 .2" for end in ["\n", "\r", "\r\n", "\n\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x1f", "\r\r\n", "\\n", ";", "\x00", "\u000b\u000c"]),
    *(BOX.replace(" ", space) for space in ["\t", "  ", "\x1f", "\u00a0", "\u1680", "\u2000", "\u2003", "\u2007", "\u200a", "\u202f", "\u205f", "\u3000", " \u00a0 ", "\u200b", "\u180e", "\ufeff", "\u2060", ",", ";", ", ", "\x00", "_"]),
    *(f"0 .5 .5 .1 {n}" for n in """nan NaN -nan inf -inf Infinity 1e999 -1e999 1e-999 -1e-999 1e39 1e-50 0x1 0b1 1_0 0_1 0.1_1 0._1 0_.1 _.1 .1_ 1e-0_1 1e_1 1e-1 1E-1 1.e-1 .1e0 + - +.1 ++.1 +-.1 . .. 1. 1.. 01 00.1 007 1e 1e+ e1 .e1 1,0 0,1 1/2 50% .1f .1d 1L 1j True None - # 0x.1p1 ０.５ ٠.٥ 𝟎.𝟏 ⅕ ² ½ −.1 ＋.1 ．５ 0.1000000000000000055511151231257827 .1 "0.1" '0.1' (0.1) [0.1]""".split()),
    *(f"{c} .5 .5 .1 .1" for c in "0 -0 +0 00 03 3 3. 3.0 3e0 0.3e1 4 3.5 3.999999999 3.99999999999 -1 -0.5 -1e-9 0.5 1.9 1e30 1e-30 nan inf person 0: 0, 0x1 ３ 1_0 '1' \"1\"".split()),
    *(" ".join(BOX.split()[:k] + [v] + BOX.split()[k + 1 :]) for k in range(5) for v in ["-0.005", "-0.01", "-0.0100001", "-0.011", "-1e-9", "-0.0", "1.005", "1.01", "1.0100001", "1.011", "1.02", "0", "1", "2"]),
    "0", "0 .5", "0 .5 .5", "0 .5 .5 .1", BOX + " .9", BOX + " .9 .8", BOX + " .9 .8 .7", POLYGON, POLYGON + " .4", POLYGON + " .4 .4",
    POLYGON + "\n" + BOX, BOX + "\n" + POLYGON, BOX + "\n" + BOX + "\n" + POLYGON, POLYGON + "\n" + BOX + " .9", BOX + " .9\n" + POLYGON, BOX + "\n0 .5 .5 .1", BOX + "\n" + BOX + " .9", BOX + " .9\n" + BOX,
    POLYGON + "\n0 .5 .5", POLYGON + "\n0 .5 .5 .5", POLYGON + "\n0", POLYGON + "\n0 .5", POLYGON + "\n" + POLYGON, POLYGON + "\n\n  \n" + POLYGON, POLYGON + "\n0 .1 .1 .2 .2 .3 .3", POLYGON + "\n1 .3 .3 .2 .2 .1 .1",
    POLYGON + "\n1 .1 .1 .2 .2 .3 .3 .3 .3", POLYGON + "\n# c", "# c\n" + BOX, "# class x y w h\n" + BOX, BOX + " # c", "# a b c d e f g\n" + POLYGON, "class x y w h\n" + BOX, BOX + " 0.9 0\n" + BOX + " 0.8 0",
    BOX + "\n" + BOX, BOX + "\n" + BOX + "\n" + BOX, "1 .5 .5 .1 .1\n" + BOX + "\n1 .5 .5 .1 .1", BOX + "\n0 .5 .5 .1 .10000000001", BOX + "\n0 .50 0.5 1e-1 .1", "0 0 .5 .1 .1\n0 -0 .5 .1 .1", BOX + "\n-0 .5 .5 .1 .1",
    "0 .1 .1 .2 .2 .3 -0.005", "0 .1 .1 .2 .2 .3 -0.011", "0 .1 .1 .2 .2 .3 1.005", "0 .1 .1 .2 .2 .3 1.02", "0 .1 .1 .2 .2 .3 -0.5", "0 -.9 -.9 .1 .1 .1 -.9", "0 .1 .1 .2 .2 .3 3", "0 .1 .1 .2 .2 .3 nan", "0 nan .1 .2 .2 .3 .3", "0 .1 .1 .1 .1 .1 .1",
    "0 .5 .5 0 0", "0 .5 .5 .1 0", "0 0 0 0 0", "0 1 1 1 1", "0 .5 .5 2 .1", "0 100 100 20 20", "4 .1 .1 .2 .2 .3 .3", "-1 .1 .1 .2 .2 .3 .3", "0.5 .1 .1 .2 .2 .3 .3", "0 .5 .5 .1 .1 nan", "0 .5 .5 .1 .1 .1 x",
]


def random_labels(rng):
    numbers = [".5", ".1", "0.25", "1", "0", "-0.005", "1.005", "1.02", "nan", "1_0", "0.1_1", "x", "-.1", "2e-1"]
    weights = [20, 20, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3]
    polygons = rng.random() < 0.35
    rows = []
    for _ in range(rng.randint(1, 4)):
        columns = rng.choice([6, 8, 8, 10, 4, 3, 5]) if polygons and rng.random() < 0.9 else rng.choice([4] * 12 + [3, 5, 6])
        rows.append(rng.choice([" ", " ", "\t", "\u00a0", "  "]).join([rng.choice(["0", "1", "2", "3", "3", "4", "-1", "1.5"][: rng.choice([5, 5, 5, 8])])] + rng.choices(numbers, weights, k=columns)))
    if rng.random() < 0.3:
        rows.append(rng.choice(rows))
    return rng.choice(["\n", "\r\n", "\r", "\n\n", "\u2028", "\v"]).join(rows)


FILES = ["a.jpg", "b c.jpg", "b c,d.jpg", 'e"f.jpg', "s/a.jpg", "s/t.png", "ä.jpg", "g\u00a0h.jpg", "source.jpg", "q'r.jpg", "1.jpg", "NA.jpg", "#x.jpg", "v.mp4", "x y.mp4"]
LISTS = [
    "a.jpg", "a.jpg\nb c.jpg\n", b"\xef\xbb\xbfa.jpg\n", b"\xef\xbb\xbf\xef\xbb\xbfa.jpg\n", b"\xef\xbb\xbf\na.jpg", "a.jpg\r\nb c.jpg\r\n", *(f"a.jpg{end}b c.jpg" for end in ["\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\n\n\n", " \n ", "\t\n\t"]),
    "a.jpg\u00a0\n", "\u3000a.jpg", "  a.jpg", "a.jpg  ", "\n\n", "", " ", "# c\na.jpg\n", "#x.jpg\n", "a.jpg\na.jpg\n", "./a.jpg\n", "s/../a.jpg", "s/t.png\na.jpg", "a.jpg,b c.jpg", '"a.jpg"', "'a.jpg'", "g\u00a0h.jpg", "ä.jpg", "ä.jpg".encode("latin-1"), b"a.jpg\n\xff", "a.jpg\n".encode("utf-16"), "a.jpg\n".encode("utf-16-be"), "a.jpg\x00", "s/t.png\x1fa.jpg", "none.jpg", "a.jpg\nnone.jpg", "a.jpg\tb c.jpg", "source\na.jpg", "a.jpg\n.\\a.jpg", "v.mp4\na.jpg", "b c,d.jpg", 'e"f.jpg', "q'r.jpg",
]
PREDICT_LISTS = ["s", "s/", "s/*.jpg", "[ab].jpg", "1.jpg\nNA.jpg", "x.txt", "notes.md"]
CSVS = [
    "source\na.jpg\n", "a.jpg\nb c.jpg\n", 'source\na.jpg\n"b c,d.jpg"\n', b"\xef\xbb\xbfsource\na.jpg\n", b"\xef\xbb\xbfa.jpg\nb c.jpg\n", '"source"\na.jpg', "source\r\na.jpg\r\n", "source\ra.jpg", "source\va.jpg", "source\u2028a.jpg", "Source\na.jpg", " source \na.jpg", "source \na.jpg", "path\na.jpg",
    "source,x\na.jpg,1.jpg\n", "x,source\n1.jpg,a.jpg\n", "x,y\n1.jpg,a.jpg\n", "source,source\na.jpg,b c.jpg", ",source\n0,a.jpg\n", "source,x\na.jpg\n", "source,x,y\na.jpg,,\n", "a.jpg,b c.jpg\n", "a.jpg,\n,b c.jpg", "a.jpg,,,1.jpg",
    "source\n a.jpg \n", 'source\n"a.jpg "\n', 'source\n"e""f.jpg"\n', "source\n'a.jpg'\n", "source\n#x.jpg\n", "source\nNA.jpg\n", "source\n1.jpg\n", "source\n", "source", "", "\n", "\nsource\na.jpg\n", "source\n\na.jpg\n\n", 'source\n"a.jpg\n', 'source\n"a\n.jpg"\n', 'source\n"a.jpg"x\n', 'source\nx"a.jpg"\n', 'source\n"a".jpg\n', 'source\n"a.""jpg"\n', 'source\n""\na.jpg\n', 'source\n ""\na.jpg', 'source\ne"f.jpg\n', 'source\n "a.jpg"\n',
    "source\na.jpg\n,\n", "source\ng\u00a0h.jpg", "source\nä.jpg", "source\nä.jpg".encode("latin-1"), "source\na.jpg\n".encode("utf-16"), "source\na.jpg\x00", "source;x\na.jpg;1", "source\tx\na.jpg\t1", "sep=,\nsource\na.jpg", "source\ns", "source\n*.mp4", "source\nv.mp4\n", "source\nnone.jpg", "source\na.jpg\nsource\n", "source\nsource.jpg\n", '"a.jpg","b c,d.jpg"', '"b c,d.jpg"\r\n"a.jpg"\r\n', "source\n\\a.jpg", "source,\na.jpg,\n",
]
STREAMS = ["v.mp4\n", "v.mp4\nv.mp4\n", b"\xef\xbb\xbfv.mp4\n", "v.mp4 v.mp4\n", "v.mp4\r\nv.mp4\r\n", "v.mp4\rv.mp4", "v.mp4\vv.mp4", "v.mp4\u2028v.mp4", "\u00a0v.mp4\u3000v.mp4", "\n", "", "none.mp4\n", '"v.mp4"\n', "x y.mp4\n", "# c\nv.mp4\n", "v.mp4\n".encode("utf-16"), "v.mp4\x1fv.mp4"]


def list_case(name, document):
    data = raw(document)
    Path(name).write_bytes(data)
    case = {"in": text_of(data)}
    try:
        if name.endswith(".streams"):
            opened = load_inference_source(name)
            case["out"] = list(opened.sources)
            opened.close()
        elif name == "listed.txt":
            reader = YOLODataset.__new__(YOLODataset)
            reader.prefix, reader.fraction, reader.img_path = "", 1.0, name
            case["out"] = [os.path.relpath(p) for p in reader.get_img_files(name)]
        else:
            case["out"] = [os.path.relpath(p) for p in load_inference_source(name).files]
    except Exception:
        case["error"] = True
    os.remove(name)
    return case


DATASETS = [
    *("names: " + n for n in ["[a, b]", "{0: a, 1: b}", "{0: a, 2: b}", "{1: a, 2: b}", "{1: b, 0: a}", "{'0': a, '1': b}", "{'0': a, 0: b}", "{0: a, '1': b}", "{a: 0, b: 1}", "{0.0: a, 1.0: b}", "{0.5: a}", "{true: b, 0: a}", "{null: a}", "{' 0 ': a}", "{'1_0': a}", "{1_0: a}", "{-1: a, 0: b}", "{'+0': a}", "{'0x0': a}", "{'0.0': a}", "{'０': a}", "[yes, 1, 2.5, null, 2024-01-01, 1:30]", "[0777, 09, +1, -0.0, 1_000.5, 12e03, ~, '', 190:20:30.15, 1e20, 1.0e+20, 1.0e-7, .inf, .nan, 0x1F, 1.0, 123456789012345678901234567890]", "[2001-12-14t21:59:43.10-05:00, 2024-01-01T10:00:00Z]", "", "\nnc: 2", "~\nnc: 2", "[a, b]\nnc: 2", "[a, b]\nnc: 2.0", "[a, b]\nnc: '2'", "[a, b]\nnc: 3", "[a, b]\nnc: 1", "[a, b]\nnc:", "[]", "{}", "[]\nnc: 1", "a", "'[a, b]'", "ab\nnc: 2", "5", "[a, a]", "['', b]", "[' a ', b]", "[[a], {b: 1}]", "[[1, 'x y', null], {1: [2]}]", "{0: a, 0: b, 1: c}", "{0: \"a\\nb\"}", "[a", "{0: a, 99999999999999999999: b}", "[人, naïve, 😀]", "&n [a, b]\nn2: *n", "\n- a\n- b", "\n  0: a\n  1: b", "[person, traffic light, it's]", "{0: &x a, 1: *x}", "!!set {a, b}", "{0: !!binary aGk=}", "{2: c, 0: a, 1: b}", "true", "[a: b, c]"]),
    *("nc: " + n for n in ["2", "2.0", "2.5", "'2'", "'2.0'", "' 2 '", "two", "true", "false", "0", "-1", "", "1e0", "1_0", "0x2", "[2]", "{2: 3}", ".inf", ".nan", "2024-01-01", "+3", "'+3'", "1:30", "'1_0'"]),
]
SPLITS = [
    "train: images\nnames: [a]\n", "train: images\nvalidation: images\nnames: [a]\n", "train: images\nval:\nnames: [a]\n", "train: images\nval: []\nnames: [a]\n", "train: images\nval: ''\nnames: [a]\n", "train: images\nval: 1\nnames: [a]\n", "train: images\nval: [images, 1]\nnames: [a]\n", "train: images\nval: {a: images}\nnames: [a]\n", "train: images\nval: true\nnames: [a]\n", "train: images\nval: [images, ]\nnames: [a]\n", "train: images\nval: [images, null]\nnames: [a]\n", "train: images\nval: none\nval: images\nnames: [a]\n", "train: images\nval: images\nval: 1\nnames: [a]\n", "path:\ntrain: images\nval: images\nnames: [a]\n", "path: ''\ntrain: images\nval: images\nnames: [a]\n", "path: 1\ntrain: images\nval: images\nnames: [a]\n", "path: [.]\ntrain: images\nval: images\nnames: [a]\n", "path: .\ntrain: images\nval: images\nnames: [a]\n", "x: &x {train: images, val: images}\n<<: *x\nnames: [a]\n", "<<: {nc: 3}\ntrain: images\nval: images\n", "'train': images\n? val\n: images\nnames: [a]\n", "train: &t images\nval: *t\nnames: [a]\n", "Val: images\ntrain: images\nnames: [a]\n", "train: images\nval: images\nNames: [a]\n", "- train\n", "", "null\n", "train: images\nval: >-\n  images\nnames: [a]\n", "train: images\nval: \"images\"\nnames: ['a', \"b\"]\n", b"\xef\xbb\xbftrain: images\nval: images\nnames: [a]\n", "train: images\rval: images\rnames: [a]\r", "train: images\x85val: images\x85names: [a]\n", "train: images\nval: images\x00\nnames: [a\x07]\n", b"train: images\nval: images\nnames: [a\xff]\n", "{train: images, val: images, names: [a]}",
]


def dataset_case(document):
    data = raw(document)
    Path("d.yaml").write_bytes(data)
    case = {"in": text_of(data)}
    try:
        found = check_det_dataset("d.yaml", autodownload=False)
        if not found["val"]:
            raise ValueError("no split")
        case["out"] = [found["names"].get(i) for i in range(len(found["names"]))]
        if None in case["out"]:
            case["class"] = "class_ids"
    except Exception:
        case["error"] = True
    return case


def main():
    global OLDER
    parser = argparse.ArgumentParser()
    parser.add_argument("--older-pyyaml", required=True)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    OLDER = OlderPyYaml(arguments.older_pyyaml)
    target = arguments.out.resolve()
    LOGGER.setLevel(logging.ERROR)
    rng = random.Random(8)
    out = {"recorded_with": f"ultralytics 8.4.190, PyYAML {yaml.__version__}, Python {sys.version.split()[0]}, by make_documents.py"}
    yamls = list(YAMLS)
    yamls += [f"a: {w}\n".replace("¤", " ") for w in WORDS] + [f"[{w}]" for w in WORDS[::3]] + [f"{w}: b\n" for w in WORDS[1::4]]
    yamls += [random_yaml(rng) for _ in range(200)]
    out["yaml"] = [yaml_case(d) for d in dict.fromkeys(yamls)]
    LOGGER.setLevel(logging.INFO)
    labels = LABELS + [random_labels(rng) for _ in range(120)]
    out["labels"] = read_labels([raw(d) for d in dict.fromkeys(raw(x) for x in labels)])
    LOGGER.setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        out["files"] = FILES
        for file in FILES:
            Path(file).parent.mkdir(exist_ok=True)
            if file.endswith("mp4"):
                writer = cv2.VideoWriter(file, cv2.VideoWriter_fourcc(*"mp4v"), 10, (32, 32))
                for _ in range(3):
                    writer.write(np.zeros((32, 32, 3), np.uint8))
                writer.release()
            else:
                Path(file).write_bytes(JPEG)
        out["lists"] = [list_case("list.txt", d) for d in LISTS + PREDICT_LISTS]
        out["csv"] = [list_case("list.csv", d) for d in CSVS]
        out["listed"] = [list_case("listed.txt", d) for d in LISTS]
        out["streams"] = [list_case("list.streams", d) for d in STREAMS]
        Path("images").mkdir()
        Path("images/a.jpg").write_bytes(JPEG)
        out["datasets"] = [dataset_case(d) for d in SPLITS + ["train: images\nval: images\n" + d + "\n" for d in DATASETS]]
        os.chdir("/")
    for key in ("yaml", "labels", "lists", "csv", "listed", "streams", "datasets"):
        print(key, len(out[key]), file=sys.stderr)
    target.write_text("{" + ",\n".join(f"{json.dumps(k)}: " + (json.dumps(v) if not isinstance(v, list) else "[\n" + ",\n".join(json.dumps(e, separators=(",", ":")) for e in v) + "]") for k, v in out.items()) + "}\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# report.html of val for each task, of merged parts, and of benchmark: complete, self-contained, and nothing in it is
# more than text, whatever the classes are called.
set -euo pipefail
command=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
sample=$source/assets/sample
fail() {
  echo "$*" >&2
  exit 1
}
run() { "$command" "$@" device=cpu runtime=openvino precision=f32 "project=$folder" verbose=False >log.txt 2>&1 || fail "$(cat log.txt)"; }

cat >check.py <<'EOF2'
import base64, csv, hashlib, re, sys
from html.parser import HTMLParser

VOID = {"meta", "img", "rect"}

class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.elements, self.rows, self.images, self.texts = [], set(), [], [], {}
    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("style", "href"), (tag, name)
            if name == "src":
                kind, data = value.split(";base64,")
                data = base64.b64decode(data, validate=True)
                assert (kind, data[:2]) in (("data:image/png", b"\x89P"), ("data:image/jpeg", b"\xff\xd8")), kind
                self.images.append(data)
            if name == "content" and "default-src" in value: self.policy = value
        if tag not in VOID: self.open.append(tag)
        if tag == "tr": self.rows.append([])
        if tag in ("td", "th"): self.rows[-1].append("")
    def handle_endtag(self, tag):
        if tag in VOID: return
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()
    def handle_data(self, text):
        if self.open and self.open[-1] in ("td", "th"): self.rows[-1][-1] += text
        if self.open: self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + text

def read(file):
    text = open(file, encoding="utf-8").read()
    assert text.startswith("<!DOCTYPE html>\n")
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == [], page.open
    assert page.elements <= {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p",
        "section", "div", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "ul", "li", "span", "b", "svg",
        "rect", "figure", "figcaption", "img", "script"}, page.elements
    assert "http" not in re.sub("data:image[^\"]*", "", text).replace("http-equiv", ""), "the page refers to the network"
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.texts[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.policy, (tag, page.policy)
    assert "default-src 'none'" in page.policy
    return page

folder, images, mosaics = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
page = read(folder + "/report.html")
if sys.argv[4:] == ["benchmark"]:
    rows = list(csv.DictReader(open(folder + "/benchmark.csv", encoding="utf-8")))
    assert [row[2] for row in page.rows[1:]] == [row["format"] for row in rows], page.rows
    assert [row[3] for row in page.rows[1:]] == ["success", "success"], page.rows
    assert [row[5] for row in page.rows[1:]] == [f'{float(row["map"]):.4f}' for row in rows], page.rows
    assert page.texts["b"].count(".") >= 4 and "rect" in page.elements, "no bars"
else:
    rows = list(csv.reader(open(folder + "/results.csv", encoding="utf-8")))
    assert len(rows) > (1 if "top1_acc" in rows[0] else 2) and len(page.rows) == len(rows), (page.rows, rows)
    for shown, written in zip(page.rows[1:], rows[1:]):
        assert len(shown) == len(written), (shown, written)
        assert written[0] in (shown[0], "'" + shown[0]), (shown, written)
        for one, other in zip(shown[1:], written[1:]): assert abs(float(one) - float(other)) < 6e-5, (shown, written)
    assert "model_sha256" in page.texts["dt"] and "data_sha256" in page.texts["dt"], page.texts["dt"]
assert len(page.images) == images + mosaics, len(page.images)
EOF2
check() { python3 check.py "$@" || fail "report.html of $1 is wrong: $(cat log.txt)"; }

plots=6
command -v gnuplot >/dev/null || plots=0
for task in '' -seg -pose -obb -cls; do
  data=$sample/shapes-val$task
  [ "$task" = -cls ] || data=$data/shapes$task.yaml
  run val "model=$sample/yolov8-shapes$task.pt" "data=$data" imgsz=160 "name=val$task"
done
check val "$plots" 4
check val-seg $((plots * 10 / 6)) 4
check val-pose $((plots * 10 / 6)) 4
check val-obb "$plots" 4
check val-cls $((plots / 3)) 4
run val "model=$sample/yolov8-shapes.pt" "data=$sample/shapes-val/shapes.yaml" imgsz=160 plots=False name=none
[ ! -e none/report.html ] || fail "plots=False writes report.html"

for shard in 1 2; do
  run val "model=$sample/yolov8-shapes.pt" "data=$sample/shapes-val/shapes.yaml" imgsz=160 shard=$shard/2 name=parts exist_ok=True
done
"$command" val 'merge=parts/shard-*.val' "project=$folder" name=merged >log.txt 2>&1 || fail "$(cat log.txt)"
check merged "$plots" 0

cp "$sample/yolov8-shapes.pt" model.pt
"$command" export model=model.pt format=openvino imgsz=160 >log.txt 2>&1 || fail "$(cat log.txt)"
sed -i -e 's|^  0: circle$|  0: "<img src=x onerror=alert(1)>"|' -e 's|^  1: square$|  1: "</td></table><script>alert(1)</script>"|' \
  -e "s|^  2: triangle\$|  2: \"' onclick='alert(1) \\\\\"\"|" -e 's|^  3: star$|  3: "\&lt;b\&gt; \&amp;"|' model_openvino_model/metadata.yaml
grep -q onerror model_openvino_model/metadata.yaml || fail "the test did not look: no name is hostile"
run val model=model_openvino_model "data=$sample/shapes-val/shapes.yaml" imgsz=160 name=hostile
check hostile "$plots" 6
grep -qF '&lt;img src=x onerror=alert(1)&gt;' hostile/report.html || fail "the page does not name the class"

"$command" benchmark "model=$sample/yolov8-shapes.pt" "data=$sample/shapes-val/shapes.yaml" imgsz=160 formats=openvino,onnx \
  precision=f32 device=cpu "project=$folder" name=benchmark verbose=False >log.txt 2>&1 || fail "$(cat log.txt)"
check benchmark 0 0 benchmark
[ -z "$(find . -name '*.tmp*')" ] || fail "unfinished files: $(find . -name '*.tmp*')"

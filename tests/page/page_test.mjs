// The page of `yolo serve` in a real browser, with the sample models, f32 on the CPU.
// page_test.mjs YOLO SOURCE [PART OF A NAME]; screenshots go to build/page.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, equal, launch, runAll, start, test } from "./harness.mjs";

const [yolo, source] = process.argv.slice(2);
const sample = join(source, "assets/sample");
const shots = join(source, "build/page");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const folder = mkdtempSync(join(tmpdir(), "yolovino-page-"));
mkdirSync(shots, { recursive: true });

const HOSTILE = ["<img src=x onerror=\"document.title='owned'\">", "</script><script>document.title='owned'</script>",
  "'; alert(1) //", "=cmd, \"x\""];

/** An export whose classes have names that attack pages. */
function makeHostile() {
  const file = join(folder, "hostile.pt");
  cpSync(join(sample, "yolov8-shapes.pt"), file);
  execFileSync(yolo, ["export", `model=${file}`, "format=openvino", "imgsz=320"], { stdio: "pipe" });
  const metadata = join(folder, "hostile_openvino_model/metadata.yaml");
  let text = readFileSync(metadata, "utf8");
  ["circle", "square", "triangle", "star"].forEach((name, i) => {
    check(text.includes(`\n  ${i}: ${name}\n`), "the names of the export are where they were");
    text = text.replace(`\n  ${i}: ${name}\n`, () => `\n  ${i}: ${JSON.stringify(HOSTILE[i])}\n`);
  });
  writeFileSync(metadata, text);
  return join(folder, "hostile_openvino_model");
}

/** The JPEG with an EXIF block that says how to turn it. */
function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

const imagesOf = (task) => {
  const images = join(sample, `shapes-val${task}/images/val`);
  return readdirSync(images).sort().map((name) => join(images, name));
};
const photos = imagesOf("");
const models = ["", "-seg", "-pose", "-obb", "-cls"].map((task) => join(sample, `yolov8-shapes${task}.pt`));
const server = process.env.YOLOVINO_PAGE_URL
  ? { address: process.env.YOLOVINO_PAGE_URL, stop() {} }
  : await start(yolo, ["serve", `model=${[...models, makeHostile()].join(",")}`, "port=0", "precision=f32", "device=cpu"]);
const browser = await launch();

async function makePage({ viewport = { width: 1280, height: 900 }, colorScheme = "light", touch = false, camera = true } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, hasTouch: touch, permissions: ["clipboard-read", "clipboard-write", "camera"] });
  const page = await context.newPage();
  page.findings = [];
  page.on("pageerror", (error) => page.findings.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { page.findings.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (line) => {
    if (/Content Security Policy/i.test(line.text())) page.findings.push(line.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(server.address)) page.findings.push(`asks ${request.url()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
  });
  if (!camera) await page.addInitScript(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
  await page.goto(server.address + "/");
  await page.waitForFunction(() => document.querySelectorAll("#facts div").length > 0);
  return page;
}

async function ask(file, parameters) {
  const body = Buffer.isBuffer(file) ? file : readFileSync(file);
  const response = await fetch(`${server.address}/predict?${new URLSearchParams(parameters)}`, { method: "POST", body });
  equal(response.status, 200, "status of /predict");
  return response.json();
}

async function give(page, files) {
  const before = await page.locator("#strip li").count();
  await page.setInputFiles("#files", files);
  await settled(page, before + (Array.isArray(files) ? files.length : 1));
}

/** Waits until so many images are there and the last one is answered. */
async function settled(page, count) {
  await page.waitForFunction((wanted) => document.querySelectorAll("#strip li").length >= wanted &&
    !document.getElementById("status").textContent.endsWith("…"), count);
}

const drawn = (page) => page.evaluate(() => {
  const canvas = document.getElementById("canvas");
  const image = document.getElementById("image");
  const [x, y] = [canvas.width / image.naturalWidth, canvas.height / image.naturalHeight];
  return canvas.drawn.map((each) => ({ ...each, points: each.points.map(([a, b]) => [a / x, b / y]) }));
});

/** The corners of a detection in the JSON of the server. */
function corners({ box }) {
  if (!box) return [];
  if ("x4" in box) return [[box.x1, box.y1], [box.x2, box.y2], [box.x3, box.y3], [box.x4, box.y4]];
  return [[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]];
}

function compare(list, detections, what) {
  equal(list.map((each) => [each.name, each.confidence]), detections.map((each) => [each.name, each.confidence]), what);
  list.forEach((each, i) => each.points.forEach((point, p) => point.forEach((value, axis) => {
    const wanted = corners(detections[i])[p][axis];
    check(Math.abs(value - wanted) <= 0.5, `${what}: corner at ${value}, wanted ${wanted}`);
  })));
}

const colouredPixels = (page) => page.evaluate(() => {
  const canvas = document.getElementById("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count;
});

async function choose(page, model) {
  await page.selectOption("#model", model);
}

async function slide(page, conf) {
  await page.locator("#conf").evaluate((input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, String(conf));
}

for (const [task, kind] of [["", "box"], ["-seg", "box"], ["-pose", "box"], ["-obb", "obb"], ["-cls", "class"]]) {
  test(`the canvas shows what /predict answers, yolov8-shapes${task} f32`, async (open) => {
    const page = await open();
    await choose(page, `yolov8-shapes${task}`);
    const files = task === "-cls" ? photos : imagesOf(task);
    let [seen, coloured] = [0, 0];
    for (const file of files.slice(0, 4)) {
      await give(page, file);
      const { detections } = await ask(file, { model: `yolov8-shapes${task}`, conf: 0.25 });
      const list = await drawn(page);
      compare(list, detections, file);
      for (const each of list) equal(each.kind, kind, "kind");
      seen += list.length;
      coloured += await colouredPixels(page);
    }
    check(seen > 3, `the test did not look: ${seen} objects`);
    check(coloured > 500, `the canvas has ${coloured} pixels that are drawn`);
    await page.screenshot({ path: join(shots, `desktop${task || "-detect"}.png`) });
  });
}

test("the slider filters without asking again, and gives what the server gives for that conf", async (open) => {
  const page = await open();
  await give(page, photos[1]);
  let asked = 0;
  page.on("request", (request) => { asked += request.url().includes("/predict"); });
  const counts = [];
  for (const conf of [0.05, 0.5, 0.9, 1]) {
    await slide(page, conf);
    const { detections } = await ask(photos[1], { conf });
    const list = await drawn(page);
    compare(list, detections, `conf=${conf}`);
    counts.push(list.length);
  }
  check(counts[0] > counts[2] && counts[3] === 0, `the test did not look: ${counts}`);
  equal(asked, 0, "requests");
  await page.focus("#conf");
  await page.keyboard.press("Home");
  equal(await page.textContent("#conf-text"), "0.05", "the slider follows the keyboard");
});

test("chips count the classes and toggle them, by keyboard too", async (open) => {
  const page = await open();
  await give(page, photos[1]);
  const all = await drawn(page);
  const name = all[0].name;
  const chip = page.locator("#chips button", { hasText: name });
  equal(await chip.textContent(), `${name} ${all.filter((each) => each.name === name).length}`, "the chip");
  await chip.click();
  equal((await drawn(page)).filter((each) => each.name === name).length, 0, `objects of ${name}`);
  check((await drawn(page)).length > 0, "the other classes stay");
  await page.keyboard.press("Space");
  equal((await drawn(page)).length, all.length, "objects after Space on the focused chip");
});

test("an image that is pasted or dropped is shown like one that is chosen", async (open) => {
  const page = await open();
  const bytes = [...readFileSync(photos[2])];
  for (const kind of ["paste", "drop"]) {
    await page.evaluate(([name, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], `${name}.jpg`, { type: "image/jpeg" }));
      const event = name === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.getElementById("drop").dispatchEvent(event);
    }, [kind, bytes]);
    await settled(page, kind === "paste" ? 1 : 2);
    compare(await drawn(page), (await ask(photos[2], { conf: 0.25 })).detections, kind);
    check((await page.textContent("#status")).startsWith(`${kind}.jpg`), "the status names the image");
  }
});

test("several images form a strip, and the page says what is no image", async (open) => {
  const page = await open();
  await give(page, photos.slice(0, 3));
  equal(await page.locator("#strip button").count(), 3, "images in the strip");
  equal(await page.locator("#strip [aria-current=true]").getAttribute("aria-label"), photos[2].split("/").pop(), "current");
  await page.locator("#strip button").first().click();
  await page.waitForFunction((name) => document.getElementById("status").textContent.startsWith(name), photos[0].split("/").pop());
  compare(await drawn(page), (await ask(photos[0], { conf: 0.25 })).detections, "the first image");
  await page.setInputFiles("#files", { name: "broken.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no image") });
  await page.waitForSelector("#status.error");
  check((await page.textContent("#status")).startsWith("broken.jpg: "), "the status names the image");
  equal(await drawn(page), [], "objects");
});

test("one request of the camera is in flight, and it stops", async (open) => {
  const page = await open();
  let [running, most, done] = [0, 0, 0];
  page.on("request", (request) => { if (request.url().includes("/predict")) most = Math.max(most, ++running); });
  const ended = (request) => { if (request.url().includes("/predict")) { --running; ++done; } };
  page.on("requestfinished", ended);
  page.on("requestfailed", ended);
  await page.click("#camera");
  const until = Date.now() + 20000;
  while (done < 4 && Date.now() < until) await page.waitForTimeout(50);
  check(done >= 4, `${done} frames were answered`);
  equal(most, 1, "requests at once");
  equal(await page.getAttribute("#camera", "aria-pressed"), "true", "the button is pressed");
  check(await page.evaluate(() => Math.max(document.getElementById("image").naturalWidth, document.getElementById("image").naturalHeight) <= 640), "frames are 640 px at most");
  await page.screenshot({ path: join(shots, "camera.png") });
  await page.click("#camera");
  await page.waitForTimeout(300);
  const after = done;
  await page.waitForTimeout(500);
  equal(done, after, "frames after the stop");
  equal(await page.getAttribute("#camera", "aria-pressed"), "false", "the button is released");
});

test("without a secure context the page offers to take a photo", async (open) => {
  const page = await open({ camera: false, viewport: { width: 360, height: 740 } });
  check(await page.isHidden("#camera"), "the button of the camera is hidden");
  check(await page.isVisible("#insecure"), "the page says why");
  equal(await page.getAttribute("#photo", "capture"), "environment", "capture");
  await page.setInputFiles("#photo", photos[0]);
  await settled(page, 1);
  compare(await drawn(page), (await ask(photos[0], { conf: 0.25 })).detections, "the photo");
});

test("class names are text, whatever they hold", async (open) => {
  const page = await open();
  const name = await page.evaluate(() => [...document.querySelectorAll("#model option")].map((each) => each.value).find((each) => each.includes("hostile")));
  await choose(page, name);
  await give(page, photos[1]);
  await slide(page, 0.05);
  const chips = (await page.locator("#chips button").allTextContents()).map((text) => text.replace(/ \d+$/, ""));
  check(chips.length >= 3 && chips.every((each) => HOSTILE.includes(each)), `chips: ${chips}`);
  equal(await page.title(), "yolovino", "title");
  equal(await page.evaluate(() => document.querySelectorAll("#chips img, #objects img, #result script").length), 0, "elements from names");
  await page.locator("summary").click();
  await page.screenshot({ path: join(shots, "hostile.png") });
  await page.click("#csv");
  const csv = await page.evaluate(() => navigator.clipboard.readText());
  check(!/^[^,\n]*,"?=/m.test(csv), `a name is a formula: ${csv}`);
});

for (const orientation of [1, 3, 6, 8]) {
  test(`browser and server turn a JPEG with EXIF orientation ${orientation} alike`, async (open) => {
    const page = await open();
    const turned = withOrientation(readFileSync(photos[1]), orientation);
    await give(page, { name: "turned.jpg", mimeType: "image/jpeg", buffer: turned });
    const { shape, detections } = await ask(turned, { conf: 0.25 });
    equal(await page.evaluate(() => [document.getElementById("image").naturalHeight, document.getElementById("image").naturalWidth]), shape, "shape");
    check(detections.length > 0, "the test did not look");
    compare(await drawn(page), detections, "boxes");
    if (orientation === 6) await page.screenshot({ path: join(shots, "exif-6.png") });
  });
}

test("what is copied is what is shown, and the curl command gives it again", async (open) => {
  const page = await open();
  const name = "it's $(touch x).jpg";
  await give(page, { name, mimeType: "image/jpeg", buffer: readFileSync(photos[1]) });
  await slide(page, 0.5);
  await page.locator("#chips button").first().click();
  const list = await drawn(page);
  check(list.length > 0, "the test did not look");
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.click("#json");
  const copied = JSON.parse(await clipboard());
  compare(list, copied.detections, "JSON");
  await page.click("#csv");
  equal((await clipboard()).trim().split("\r\n").length, list.length + 1, "lines of the CSV");
  await page.click("#curl");
  writeFileSync(join(folder, name), readFileSync(photos[1]));
  const answer = JSON.parse(execFileSync("bash", ["-c", (await clipboard()).replace("curl", "curl -sS")], { cwd: folder }));
  equal(answer.detections, copied.detections, "what curl gives");
  check(!readdirSync(folder).includes("x"), "the name of the file is no command");
});

test("times of the stages, model, precision, device, and hash are shown", async (open) => {
  const page = await open();
  await give(page, photos[0]);
  const terms = await page.locator("#times dt").allTextContents();
  equal(terms, ["queue", "decode", "inference", "postprocess", "whole request"], "times");
  for (const value of await page.locator("#times dd").allTextContents()) check(/^[0-9.]+ ms$/.test(value), `time ${value}`);
  const [first] = await (await fetch(`${server.address}/info`)).json();
  const facts = [...await page.locator("#facts dd").allTextContents(), await page.inputValue("#model")];
  for (const each of [first.name, first.task, first.precision, first.device, first.sha256.slice(0, 12)]) check(facts.includes(each), `${each} in ${facts}`);
  equal(first.sha256.length, 64, "digits of the hash");
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`axe has no serious finding and nothing is cut at ${width} px, ${colorScheme}`, async (open) => {
      const page = await open({ colorScheme, viewport: { width, height: 800 }, touch: width === 360 });
      for (const filled of [false, true]) {
        if (filled) await give(page, photos.slice(0, 2));
        if (filled) await page.locator("#chips button").first().click();
        check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "the page scrolls sideways");
        // A policy that allows no inline script holds for scripts of tests, too, but not for those of the debugger.
        await page.evaluate(readFileSync(axe, "utf8"));
        const { violations, passes } = await page.evaluate(() => axe.run());
        check(passes.length > 10, "axe did not look");
        equal(violations.filter((each) => ["serious", "critical"].includes(each.impact)).map((each) => `${each.id}: ${each.nodes[0].html}`), [], "findings");
      }
      await page.screenshot({ path: join(shots, `${colorScheme}-${width}.png`), fullPage: true });
    });
  }
}

test("everything can be done by keyboard", async (open) => {
  const page = await open();
  await give(page, photos.slice(0, 2));
  const reached = new Set();
  await page.evaluate(() => document.body.focus());
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.parentElement.id || document.activeElement.tagName));
  }
  for (const id of ["model", "files", "photo", "camera", "conf", "json", "csv", "curl", "chips", "SUMMARY", "list"].filter((each) => each !== "SUMMARY"))
    check(reached.has(id), `${id} is not reached by Tab: ${[...reached]}`);
});

test("no policy is violated while images are shown and the camera runs", async (open) => {
  const page = await open();
  await give(page, photos.slice(0, 2));
  await page.click("#camera");
  await page.waitForTimeout(1000);
  await page.click("#camera");
  equal(await page.evaluate(() => window.violations), [], "reports");
  const policy = (await fetch(server.address + "/")).headers.get("content-security-policy");
  check(policy.startsWith("default-src 'self';") && !policy.includes("unsafe"), policy);
});

test("the page is below 40 KB, compressed, and asked for once", async () => {
  let bytes = 0;
  for (const path of ["/", "/page.css", "/page.js"]) {
    const response = await fetch(server.address + path);
    equal(response.status, 200, path);
    bytes += (await response.arrayBuffer()).byteLength;
    if (process.env.YOLOVINO_PAGE_URL) continue;
    equal(response.headers.get("content-encoding"), "gzip", "coding");
    equal(response.headers.get("x-content-type-options"), "nosniff", "X-Content-Type-Options");
    const tag = response.headers.get("etag");
    const again = await fetch(server.address + path, { headers: { "If-None-Match": tag } });
    equal([again.status, again.headers.get("etag"), (await again.arrayBuffer()).byteLength], [304, tag, 0], `${path} again`);
    const plain = await fetch(server.address + path, { headers: { "Accept-Encoding": "identity" } });
    equal(plain.headers.get("content-encoding"), null, "coding");
    check(plain.headers.get("etag") !== tag, "each form has a tag of its own");
  }
  check(bytes > 10000 && bytes < 40000, `${bytes} bytes`);
});

const status = await runAll(makePage);
await browser.close();
server.stop();
rmSync(folder, { recursive: true });
process.exit(status);

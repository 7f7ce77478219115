"use strict";
const ASKED = 0.05; // what the server is asked for; what is shown is filtered here
const FRAME_PX = 640;
const SMALL_PX = 480; // smaller images are shown larger than they are
const TIMES = [["queue", "queue"], ["decode", "decode"], ["infer", "inference"], ["post", "postprocess"]];
const COCO_LIMBS = [[15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7], [6, 8], [7, 9],
  [8, 10], [1, 2], [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6]];
const $ = (id) => document.getElementById(id);
const state = { models: [], entries: [], current: null, off: new Set(), token: "", stream: null, conf: 0.25 };

// Names and messages become text, never markup.
function element(tag, text, attributes) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  return made;
}

function say(text, isError) {
  $("status").textContent = text;
  $("status").className = isError ? "error" : "";
}

function fill(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value, title]) => {
    const row = element("div");
    row.append(element("dt", name), element("dd", value, title ? { title } : {}));
    return row;
  }));
}

function color(cls) {
  return `hsl(${(cls * 137.5 + 210) % 360} 90% 62%)`;
}

// --- the server ---

function headers() {
  return state.token ? { Authorization: "Bearer " + state.token } : {};
}

async function ask(url, options) {
  const response = await fetch(url, { ...options, headers: headers(), cache: "no-store" });
  if (response.status === 401) $("login").hidden = false;
  if (response.ok) return response;
  let reason = response.status + " " + response.statusText;
  try {
    reason = (await response.json()).error || reason;
  } catch { /* the status says it */ }
  throw new Error(reason);
}

async function loadModels() {
  try {
    state.models = await (await ask("info")).json();
  } catch (error) {
    return say(error.message, true);
  }
  $("login").hidden = true;
  $("pick").hidden = state.models.length < 2;
  const chosen = $("model").value;
  $("model").replaceChildren(...state.models.map((each) => element("option", each.name, { value: each.name })));
  if (state.models.some((each) => each.name === chosen)) $("model").value = chosen;
  say("");
  showModel();
  loadStreams();
}

// Sources that the server was started with. An image cannot send a token: then they are not offered.
async function loadStreams() {
  let streams = [];
  try {
    if (!state.token) streams = await (await ask("streams")).json();
  } catch { /* there are none */ }
  $("streams").hidden = !streams.length;
  $("streams").replaceChildren(...streams.map((each) => {
    const button = element("button", `Watch ${each.name}`, { type: "button", "aria-pressed": "false" });
    button.addEventListener("click", () => watch(button.getAttribute("aria-pressed") === "true" ? null : each, button));
    return button;
  }));
}

function watch(stream, button) {
  stopCamera();
  for (const each of $("streams").children) each.setAttribute("aria-pressed", String(Boolean(stream) && each === button));
  $("live").hidden = !stream;
  $("result").hidden = Boolean(stream) || !state.current;
  if (!stream) return $("live").removeAttribute("src");
  $("live").alt = `Stream ${stream.name}`;
  $("live").src = stream.images.slice(1);
  say(`Watching ${stream.name}`);
}

function model() {
  return state.models.find((each) => each.name === $("model").value) || state.models[0];
}

function showModel() {
  const used = model();
  if (!used) return fill($("facts"), []);
  fill($("facts"), [...(state.models.length > 1 ? [] : [["model", used.name]]), ["task", used.task], ["classes", String(used.names.length)],
    ["size", used.imgsz.join("×")], ["precision", used.precision], ["device", used.device],
    ["generation", String(used.generation)], ["sha256", used.sha256.slice(0, 12), used.sha256]]);
}

function query(conf, classes) {
  const parts = new URLSearchParams();
  if (model()) parts.set("model", model().name);
  parts.set("conf", conf);
  if (classes) parts.set("classes", classes);
  return "predict?" + parts;
}

async function predict(blob) {
  const start = performance.now();
  const response = await ask(query(ASKED), { method: "POST", body: blob });
  const json = await response.json();
  if (json.error) throw new Error(json.error);
  const times = {};
  for (const part of (response.headers.get("Server-Timing") || "").split(",")) {
    const match = /^\s*(\w+).*?;\s*dur=([\d.]+)/.exec(part);
    if (match) times[match[1]] = Number(match[2]);
  }
  times.total = performance.now() - start;
  return { json, times };
}

// --- images ---

async function add(files) {
  const images = [...files].filter((each) => each.type.startsWith("image/") || !each.type);
  if (!images.length) return say("There is no image in what was given.", true);
  watch(null);
  for (const blob of images) {
    const entry = { name: blob.name || "image", blob, url: URL.createObjectURL(blob) };
    state.entries.push(entry);
    showStrip();
    await run(entry);
  }
}

async function run(entry) {
  select(entry);
  say(`${entry.name}: asking…`);
  try {
    Object.assign(entry, await predict(entry.blob), { error: "" });
  } catch (error) {
    Object.assign(entry, { json: null, error: error.message });
  }
  if (state.current === entry) await show();
}

function showStrip() {
  $("strip").replaceChildren(...state.entries.map((entry) => {
    const item = element("li");
    const button = element("button", undefined, { type: "button", "aria-label": entry.name,
      "aria-current": String(entry === state.current) });
    button.append(element("img", undefined, { src: entry.url, alt: "" }));
    button.addEventListener("click", () => { watch(null); select(entry); show(); });
    item.append(button);
    return item;
  }));
}

function select(entry) {
  state.current = entry;
  $("strip").querySelectorAll("button").forEach((button, i) =>
    button.setAttribute("aria-current", String(state.entries[i] === entry)));
}

// --- what is shown ---

function classesOf(list) {
  const counts = new Map();
  for (const each of list) {
    const entry = counts.get(each.class) || { name: each.name, count: 0 };
    entry.count += isWhole(each) || each.confidence >= state.conf ? 1 : 0;
    counts.set(each.class, entry);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}

// Classes of whole images have no boxes and no threshold.
function isWhole(detection) {
  return !detection.box;
}

function detections(entry) {
  return entry.json.detections || [];
}

function shown(entry) {
  return detections(entry).filter((each) =>
    (isWhole(each) || each.confidence >= state.conf) && !state.off.has(each.class));
}

async function show() {
  const entry = state.current;
  if (!entry) return;
  $("image").src = entry.url;
  try {
    await $("image").decode();
  } catch { /* what this browser cannot show, the server may still read */ }
  if (entry !== state.current) return;
  const { naturalWidth, naturalHeight } = $("image");
  const larger = Math.min(SMALL_PX / naturalWidth, SMALL_PX / naturalHeight);
  if (larger > 1) $("image").width = Math.round(naturalWidth * larger);
  else $("image").removeAttribute("width");
  $("result").hidden = false;
  update();
}

function update() {
  const entry = state.current;
  if (!entry) return;
  if (!entry.json) {
    if (entry.error) say(`${entry.name}: ${entry.error}`, true);
    draw([], null);
    $("chips").replaceChildren();
    $("objects").replaceChildren();
    return fill($("times"), []);
  }
  const list = shown(entry);
  $("slide").hidden = list.some(isWhole);
  draw(list, entry.json);
  showChips(entry);
  fill($("times"), TIMES.filter(([key]) => key in entry.times).map(([key, name]) => [name, `${entry.times[key].toFixed(1)} ms`])
    .concat([["whole request", `${entry.times.total.toFixed(1)} ms`]]));
  $("objects").replaceChildren(...list.map((each) => element("li", `${each.name} ${each.confidence.toFixed(2)}${where(each)}`)));
  const text = list.length === 1 ? "1 object" : `${list.length} objects`;
  $("canvas").setAttribute("aria-label", list.length ? `${text}: ${list.map((each) => each.name).join(", ")}` : "Nothing was found");
  if (!state.stream) say(`${entry.name}: ${list.some(isWhole) ? `${list[0].name} ${list[0].confidence.toFixed(2)}` : text}`);
}

function where(detection) {
  if (isWhole(detection)) return "";
  return ` at ${Object.values(detection.box).map((each) => Math.round(each)).join(", ")}`;
}

function svgElement(name) {
  return document.createElementNS("http://www.w3.org/2000/svg", name);
}

function showChips(entry) {
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.cls : undefined;
  $("chips").replaceChildren(...classesOf(detections(entry)).map(([cls, { name, count }]) => {
    const chip = element("button", undefined, { type: "button", "aria-pressed": String(!state.off.has(cls)), "data-cls": cls });
    const mark = svgElement("svg");
    mark.setAttribute("aria-hidden", "true");
    const dot = svgElement("rect");
    for (const [key, value] of [["width", 12], ["height", 12], ["rx", 3], ["fill", color(cls)]]) dot.setAttribute(key, value);
    mark.append(dot);
    chip.append(mark, `${name} ${count}`);
    chip.addEventListener("click", () => {
      if (!state.off.delete(cls)) state.off.add(cls);
      update();
    });
    return chip;
  }));
  if (focused !== undefined) [...$("chips").children].find((each) => each.dataset.cls === focused)?.focus();
}

// The shape of an object in pixels of the image.
function shapeOf(detection) {
  const box = detection.box;
  if (!box) return { kind: "class", points: [] };
  if ("x4" in box) return { kind: "obb", points: [1, 2, 3, 4].map((i) => [box["x" + i], box["y" + i]]) };
  return { kind: "box", points: [[box.x1, box.y1], [box.x2, box.y1], [box.x2, box.y2], [box.x1, box.y2]] };
}

function trace(pen, points, scale) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x * scale[0], y * scale[1]) : pen.moveTo(x * scale[0], y * scale[1])));
  pen.closePath();
}

function draw(list, json) {
  const canvas = $("canvas");
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [$("image").clientWidth, $("image").clientHeight];
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const pen = canvas.getContext("2d");
  const scale = json ? [canvas.width / json.shape[1], canvas.height / json.shape[0]] : [1, 1];
  const drawn = [];
  pen.lineJoin = "round";
  pen.font = `${13 * ratio}px system-ui, sans-serif`;
  const labels = [];
  for (const detection of list) {
    const shape = shapeOf(detection);
    const points = shape.points;
    pen.strokeStyle = pen.fillStyle = color(detection.class);
    pen.lineWidth = 2 * ratio;
    if (detection.segments) {
      trace(pen, detection.segments.x.map((x, i) => [x, detection.segments.y[i]]), scale);
      pen.globalAlpha = 0.3;
      pen.fill();
      pen.globalAlpha = 1;
      pen.stroke();
    }
    if (points.length) {
      trace(pen, points, scale);
      pen.stroke();
    }
    if (detection.keypoints) drawKeypoints(pen, detection.keypoints, scale, ratio);
    labels.push([detection, points.length ? [points[0][0] * scale[0], points[0][1] * scale[1]]
      : [4 * ratio, (labels.length * 20 + 22) * ratio]]);
    drawn.push(Object.freeze({ kind: shape.kind, name: detection.name, class: detection.class,
      confidence: detection.confidence, points: points.map(([x, y]) => [x * scale[0], y * scale[1]]) }));
  }
  // The surest name lies on top.
  for (const [detection, corner] of labels.reverse()) {
    pen.fillStyle = color(detection.class);
    label(pen, `${detection.name} ${detection.confidence.toFixed(2)}`, corner, ratio);
  }
  // For tests and extensions: what is drawn, in pixels of the canvas.
  Object.defineProperty(canvas, "drawn", { value: Object.freeze(drawn), configurable: true });
}

function drawKeypoints(pen, keypoints, scale, ratio) {
  const seen = (i) => !keypoints.visible || keypoints.visible[i] >= 0.5;
  const at = (i) => [keypoints.x[i] * scale[0], keypoints.y[i] * scale[1]];
  if (keypoints.x.length === 17) {
    for (const [a, b] of COCO_LIMBS) {
      if (!seen(a) || !seen(b)) continue;
      pen.beginPath();
      pen.moveTo(...at(a));
      pen.lineTo(...at(b));
      pen.stroke();
    }
  }
  keypoints.x.forEach((_, i) => {
    if (!seen(i)) return;
    pen.beginPath();
    pen.arc(...at(i), 3.5 * ratio, 0, 2 * Math.PI);
    pen.fill();
  });
}

function label(pen, text, [x, y], ratio) {
  const height = 18 * ratio;
  const short = text.length > 40 ? text.slice(0, 32) + "…" + text.slice(-5) : text;
  const width = Math.min(pen.measureText(short).width + 8 * ratio, pen.canvas.width);
  const left = Math.max(0, Math.min(x, pen.canvas.width - width));
  const top = y >= height ? y - height : y;
  pen.fillRect(left, top, width, height);
  pen.fillStyle = "#000";
  pen.fillText(short, left + 4 * ratio, top + 13.5 * ratio);
}

// --- copies ---

function filtered(entry) {
  return { ...entry.json, path: entry.name, detections: shown(entry) };
}

function csv(entry) {
  const cell = (value) => {
    const text = String(value);
    const safe = typeof value === "string" && /^[=+\-@]/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const rows = shown(entry).map((each) => ({ path: entry.name, name: each.name, class: each.class,
    confidence: each.confidence, ...each.box,
    ...Object.fromEntries((each.keypoints ? each.keypoints.x : []).flatMap((x, i) => [[`keypoint${i + 1}_x`, x],
      [`keypoint${i + 1}_y`, each.keypoints.y[i]]])) }));
  const columns = Object.keys(rows[0] || { path: 0, name: 0, class: 0, confidence: 0 });
  return [columns.join(","), ...rows.map((row) => columns.map((key) => cell(row[key])).join(","))].join("\r\n") + "\r\n";
}

function curl(entry) {
  const quote = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const classes = state.off.size ? model().names.map((_, i) => i).filter((i) => !state.off.has(i)).join(",") : "";
  const token = state.token ? ' -H "Authorization: Bearer $TOKEN"' : "";
  const url = new URL(query(state.conf, classes && `[${classes}]`), location.href);
  return `curl${token} --data-binary ${quote("@" + entry.name)} ${quote(url.href)}`;
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", text, { "aria-hidden": "true" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(`${what} copied`);
}

// --- camera: one request at a time, each with the newest frame ---

async function startCamera() {
  watch(null);
  try {
    state.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return say(`The camera is not available: ${error.message}`, true);
  }
  const video = $("video");
  video.srcObject = state.stream;
  await video.play();
  $("camera").setAttribute("aria-pressed", "true");
  say("The camera runs.");
  const canvas = document.createElement("canvas");
  const stream = state.stream;
  while (state.stream === stream) await frame(video, canvas);
}

async function frame(video, canvas) {
  const scale = Math.min(1, FRAME_PX / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  const stream = state.stream;
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
  const entry = { name: "camera.jpg", blob };
  try {
    Object.assign(entry, await predict(blob));
  } catch (error) {
    say(error.message, true);
    await new Promise((done) => setTimeout(done, 1000));
  }
  if (!entry.json || state.stream !== stream) return;
  const before = state.current;
  entry.url = URL.createObjectURL(blob);
  select(entry);
  await show();
  if (before && !state.entries.includes(before)) URL.revokeObjectURL(before.url);
}

function stopCamera() {
  if (!state.stream) return;
  state.stream.getTracks().forEach((track) => track.stop());
  state.stream = null;
  $("video").srcObject = null;
  $("camera").setAttribute("aria-pressed", "false");
  say("The camera has stopped.");
}

// --- events ---

function listen() {
  for (const id of ["files", "photo"]) {
    $(id).addEventListener("change", () => {
      const files = [...$(id).files];
      $(id).value = ""; // the same file may be chosen again
      add(files);
    });
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add(event.clipboardData.files);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
  document.addEventListener("dragleave", () => $("drop").classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    $("drop").classList.remove("over");
    add(event.dataTransfer.files);
  });
  $("camera").addEventListener("click", () => (state.stream ? stopCamera() : startCamera()));
  $("conf").addEventListener("input", () => {
    state.conf = Number($("conf").value);
    $("conf-text").textContent = state.conf.toFixed(2);
    update();
  });
  $("model").addEventListener("change", () => {
    showModel();
    state.off.clear();
    if (state.current && !state.stream) run(state.current);
  });
  $("login").addEventListener("submit", (event) => {
    event.preventDefault();
    state.token = $("token").value;
    loadModels();
  });
  const copies = { json: (entry) => JSON.stringify(filtered(entry)), csv, curl };
  for (const [id, make] of Object.entries(copies)) {
    $(id).addEventListener("click", () => {
      if (state.current && state.current.json) copy(make(state.current), $(id).textContent.slice("Copy ".length));
    });
  }
  new ResizeObserver(() => update()).observe($("image"));
}

const allowed = Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
$("camera").hidden = !allowed;
$("insecure").hidden = allowed;
listen();
loadModels();

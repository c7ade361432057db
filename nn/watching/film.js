/* The film of a training: one slider moves the loss, the plane, the network and a neuron's numbers together. */
"use strict";

const film = JSON.parse(document.getElementById("film").textContent);
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const CLASSES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#777777"]; // Okabe and Ito, 2008

const state = { frame: 0, unit: 0, timer: null };

/* ── small helpers ─────────────────────────────────────────────────────────────────────────────── */

function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* Four significant digits; Python's spelling of what is not a number. */
function written(x) {
  const number = toNumber(x);
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  return String(Number(number.toPrecision(4))).replace("-", "−");
}

const toNumber = (x) => (typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : x);

const largest = (numbers) => numbers.reduce((most, x) => Math.max(most, Math.abs(toNumber(x)) || 0), 0);

/* ── the loss ──────────────────────────────────────────────────────────────────────────────────── */

const LOSS = { width: 440, height: 200, left: 52, right: 12, top: 10, bottom: 30 };

function lossScales() {
  const losses = film.frames.map((frame) => toNumber(frame.loss)).filter(Number.isFinite);
  const high = Math.max(...losses, 0) || 1;
  const low = Math.min(...losses, 0);
  const end = film.frames[film.frames.length - 1].step || 1;
  const x = (step) => LOSS.left + ((LOSS.width - LOSS.left - LOSS.right) * step) / end;
  const y = (loss) => LOSS.top + ((LOSS.height - LOSS.top - LOSS.bottom) * (high - loss)) / (high - low || 1);
  return { x, y, high, low, end };
}

function drawLoss() {
  const { x, y, high, low, end } = lossScales();
  const finite = film.frames.filter((frame) => Number.isFinite(toNumber(frame.loss)));
  const points = finite.map((frame) => `${x(frame.step).toFixed(1)},${y(frame.loss).toFixed(1)}`).join(" ");
  const floor = LOSS.height - LOSS.bottom;
  const picture = element("svg", { viewBox: `0 0 ${LOSS.width} ${LOSS.height}`, role: "img", "aria-labelledby": "loss-title" },
    element("path", { class: "axis", d: `M${LOSS.left} ${LOSS.top}V${floor}H${LOSS.width - LOSS.right}` }),
    element("polyline", { class: "curve", points }),
    element("line", { class: "cursor", id: "loss-cursor", y1: LOSS.top, y2: floor }),
    element("circle", { class: "spot", id: "loss-spot", r: 5 }),
    element("text", { x: LOSS.left - 6, y: LOSS.top + 9, "text-anchor": "end" }, written(high)),
    element("text", { x: LOSS.left - 6, y: floor, "text-anchor": "end" }, written(low)),
    element("text", { x: LOSS.left, y: LOSS.height - 10 }, "0"),
    element("text", { x: LOSS.width - LOSS.right, y: LOSS.height - 10, "text-anchor": "end" }, `${end} steps`));
  byId("loss").replaceChildren(picture);
}

function moveLoss(frame) {
  const { x, y } = lossScales();
  const cursor = byId("loss-cursor");
  cursor.setAttribute("x1", x(frame.step));
  cursor.setAttribute("x2", x(frame.step));
  const loss = toNumber(frame.loss);
  const spot = byId("loss-spot");
  spot.setAttribute("cx", x(frame.step));
  spot.setAttribute("cy", Number.isFinite(loss) ? y(loss) : LOSS.top);
}

/* ── the plane: margins between the classes, interpolated to pixels, and the points ───────────────── */

function drawPlane(frame) {
  const panel = byId("plane-panel");
  panel.hidden = frame.margins.length === 0;
  if (panel.hidden) return;
  const canvas = byId("plane");
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(canvas.width, canvas.height);
  const side = film.axes[0].length;
  for (let row = 0; row < canvas.height; row += 1) {
    for (let column = 0; column < canvas.width; column += 1) {
      const u = (column / (canvas.width - 1)) * (side - 1);
      const v = (1 - row / (canvas.height - 1)) * (side - 1);
      const at = 4 * (row * canvas.width + column);
      image.data.set(shade(frame.margins, side, u, v), at);
    }
  }
  pen.putImageData(image, 0, 0);
  drawPoints(pen, canvas);
}

/* The colour of the leading class, paler where it leads by little. */
function shade(margins, side, u, v) {
  let leader = 0;
  let lead = -Infinity;
  margins.forEach((flat, k) => {
    const margin = interpolated(flat, side, u, v);
    if (margin > lead) [leader, lead] = [k, margin];
  });
  const [r, g, b] = channels(CLASSES[leader % CLASSES.length]);
  const strength = 0.16 + 0.34 * (1 - Math.exp(-Math.max(lead, 0)));
  return [r, g, b].map((c) => 255 - (255 - c) * strength).concat(255);
}

function interpolated(flat, side, u, v) {
  const i = Math.min(Math.floor(u), side - 2);
  const j = Math.min(Math.floor(v), side - 2);
  const [s, t] = [u - i, v - j];
  const at = (a, b) => toNumber(flat[b * side + a]);
  return (1 - t) * ((1 - s) * at(i, j) + s * at(i + 1, j)) + t * ((1 - s) * at(i, j + 1) + s * at(i + 1, j + 1));
}

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

function drawPoints(pen, canvas) {
  const scale = (axis, x, size) => ((x - axis[0]) / (axis[axis.length - 1] - axis[0])) * (size - 1);
  for (const [x1, x2, k] of film.points) {
    pen.beginPath();
    pen.arc(scale(film.axes[0], x1, canvas.width), canvas.height - 1 - scale(film.axes[1], x2, canvas.height), 4.5, 0, 2 * Math.PI);
    pen.fillStyle = CLASSES[k % CLASSES.length];
    pen.strokeStyle = "#ffffff";
    pen.fill();
    pen.stroke();
  }
}

/* ── the network: a column a layer, an edge a weight ──────────────────────────────────────────────── */

const NET = { width: 640, gap: 34, radius: 12, top: 40, most: 24 };

/* Where the neurons of a column stand; of more than fit, the first ones and a count of the others. */
function column(count) {
  return Math.min(count, NET.most);
}

function placed(widths) {
  const tallest = Math.max(...widths.map(column));
  const height = NET.top + tallest * NET.gap + 24;
  const x = (k) => 46 + (k * (NET.width - 92)) / Math.max(widths.length - 1, 1);
  const y = (k, j) => NET.top + (tallest - column(widths[k])) * NET.gap * 0.5 + (j + 0.5) * NET.gap;
  return { x, y, height };
}

function drawNetwork() {
  if (!film.widths.length) {
    byId("network").textContent = "This model has no layers of neurons to draw.";
    return;
  }
  const { x, y, height } = placed(film.widths);
  const picture = element("svg", { viewBox: `0 0 ${NET.width} ${height}`, role: "group", "aria-labelledby": "network-title" });
  const edges = element("g", { id: "edges" });
  const units = element("g", {});
  picture.append(edges, units);
  film.units.forEach((unit, u) => {
    if (unit.place >= NET.most) return;
    if (unit.layer === 0 || film.follows) drawEdges(edges, unit, u, x, y);
    units.append(drawUnit(unit, u, x(unit.layer + 1), y(unit.layer + 1, unit.place)));
  });
  for (let i = 0; i < column(film.widths[0]); i += 1) {
    units.append(element("g", { class: "unit input" }, element("circle", { cx: x(0), cy: y(0, i), r: 7 }),
      element("text", { x: x(0) - 12, y: y(0, i) + 4, "text-anchor": "end" }, `x${subscript(i + 1)}`)));
  }
  film.widths.forEach((width, k) => {
    const name = k ? `layer ${k}` : "input";
    picture.append(element("text", { x: x(k), y: 16, "text-anchor": "middle" }, width > NET.most ? `${name} (${NET.most} of ${width})` : name));
    if (k) picture.append(element("text", { class: "layer-mark", id: `mark-${k - 1}`, x: x(k), y: 32, "text-anchor": "middle" }));
  });
  byId("network").replaceChildren(picture);
}

const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

function drawEdges(edges, unit, u, x, y) {
  unit.weights.slice(0, NET.most).forEach((parameter, i) => {
    const line = element("line", { x1: x(unit.layer), y1: y(unit.layer, i), x2: x(unit.layer + 1), y2: y(unit.layer + 1, unit.place) });
    line.dataset.parameter = parameter;
    line.dataset.unit = u;
    edges.append(line);
  });
}

function drawUnit(unit, u, cx, cy) {
  const group = element("g", { class: "unit", tabindex: "0", role: "button", "aria-label": unit.name, id: `unit-${u}` },
    element("title", {}, unit.name),
    element("circle", { cx, cy, r: NET.radius }),
    element("text", { x: cx, y: cy + 4, "text-anchor": "middle" }));
  group.addEventListener("click", () => choose(u));
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    choose(u);
  });
  return group;
}

function moveNetwork(frame) {
  const widest = film.largest || 1;
  for (const line of byId("network").querySelectorAll("#edges line")) {
    const weight = toNumber(frame.parameters[line.dataset.parameter]);
    const share = Math.min(Math.abs(weight) / widest, 1);
    line.setAttribute("class", `weight ${weight < 0 ? "negative" : "positive"}`);
    line.setAttribute("stroke-width", (0.3 + 5 * share).toFixed(2));
    line.setAttribute("stroke-opacity", (0.15 + 0.75 * share).toFixed(2));
  }
  const norms = film.units.map((unit) => largest([...unit.weights, unit.bias].map((i) => frame.gradients[i])));
  const most = Math.max(...norms.filter(Number.isFinite), 0) || 1;
  const dead = new Set(frame.symptoms.filter((s) => s.kind === "dead").map((s) => `${s.layer} ${s.neuron}`));
  film.units.forEach((unit, u) => moveUnit(unit, u, norms[u] / most, dead.has(`${unit.layer} ${unit.place}`)));
  film.widths.slice(1).forEach((_, k) => {
    const mark = byId(`mark-${k}`);
    const found = frame.symptoms.find((s) => s.layer === k && s.neuron === null);
    if (mark) mark.textContent = found ? `⚠ ${found.kind}` : "";
  });
}

function moveUnit(unit, u, share, isDead) {
  const group = byId(`unit-${u}`);
  if (!group) return;
  group.setAttribute("class", `unit${u === state.unit ? " chosen" : ""}${isDead ? " dead" : ""}`);
  group.setAttribute("aria-label", `${unit.name}, ${unit.activation}${isDead ? ", dead" : ""}`);
  group.querySelector("circle").setAttribute("stroke-width", isDead ? 2 : 1 + 5 * (Number.isFinite(share) ? share : 1));
  group.querySelector("text").textContent = isDead ? "✕" : "";
}

/* ── a neuron's numbers, and what ails the network ─────────────────────────────────────────────────── */

function showNeuron(frame) {
  const unit = film.units[state.unit];
  if (!unit) {
    byId("neuron").textContent = "This model has no neurons of its own kind to show.";
    return;
  }
  byId("neuron-title").textContent = `Neuron: ${unit.name} (${unit.activation})`;
  const rows = [...unit.weights.map((i, k) => [`w${subscript(k + 1)}`, i]), ["b", unit.bias]];
  const cells = rows.map(([name, i]) => `<tr><th scope="row">${name}</th><td>${written(frame.parameters[i])}</td><td>${written(frame.gradients[i])}</td></tr>`);
  const share = `${Math.round(100 * frame.active[state.unit])}% of the watched rows get an output other than 0.`;
  byId("neuron").innerHTML = `<p class="key">${share}</p><div class="scroll" tabindex="0" aria-label="Weights and gradients"><table>
    <thead><tr><th scope="col">parameter</th><th scope="col">value</th><th scope="col">gradient</th></tr></thead>
    <tbody>${cells.join("")}</tbody></table></div>`;
}

function showSymptoms(frame) {
  const items = frame.symptoms.map((symptom) => {
    const item = document.createElement("li");
    item.className = "ill";
    item.textContent = symptom.text;
    return item;
  });
  if (!items.length) {
    const item = document.createElement("li");
    item.textContent = "Nothing: no dead relu, no vanishing or exploding gradient.";
    items.push(item);
  }
  byId("symptoms").replaceChildren(...items);
}

/* ── time ──────────────────────────────────────────────────────────────────────────────────────── */

function show(number) {
  state.frame = Math.max(0, Math.min(number, film.frames.length - 1));
  const frame = film.frames[state.frame];
  byId("time").value = state.frame;
  const said = `after ${frame.step} of ${film.frames[film.frames.length - 1].step} steps: loss ${written(frame.loss)}`;
  byId("time").setAttribute("aria-valuetext", said);
  byId("now").textContent = said;
  moveLoss(frame);
  drawPlane(frame);
  moveNetwork(frame);
  showNeuron(frame);
  showSymptoms(frame);
}

function choose(unit) {
  state.unit = unit;
  show(state.frame);
}

function pause() {
  clearInterval(state.timer);
  state.timer = null;
  byId("play").textContent = "▶ Play";
  byId("play").setAttribute("aria-label", "Play");
}

function play() {
  if (state.frame === film.frames.length - 1) show(0);
  byId("play").textContent = "❚❚ Pause";
  byId("play").setAttribute("aria-label", "Pause");
  state.timer = setInterval(() => {
    show(state.frame + 1);
    if (state.frame === film.frames.length - 1) pause();
  }, 1000 / Number(byId("speed").value));
}

const toggle = () => (state.timer === null ? play() : pause());

function go(number) {
  pause();
  show(number);
}

const KEYS = {
  ArrowLeft: () => go(state.frame - 1),
  ArrowRight: () => go(state.frame + 1),
  Home: () => go(0),
  End: () => go(film.frames.length - 1),
  " ": toggle,
};

function darken(dark) {
  document.documentElement.classList.toggle("dark", dark);
  byId("theme").setAttribute("aria-pressed", String(dark));
}

function listen() {
  byId("first").addEventListener("click", KEYS.Home);
  byId("previous").addEventListener("click", KEYS.ArrowLeft);
  byId("next").addEventListener("click", KEYS.ArrowRight);
  byId("last").addEventListener("click", KEYS.End);
  byId("play").addEventListener("click", toggle);
  byId("time").addEventListener("input", (event) => go(Number(event.target.value)));
  byId("speed").addEventListener("change", () => { if (state.timer !== null) { pause(); play(); } });
  byId("theme").addEventListener("click", () => darken(!document.documentElement.classList.contains("dark")));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("select, input");
    const pressing = event.key === " " && event.target.closest("button, [role=button]");
    if (!KEYS[event.key] || typing || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}

film.largest = Math.max(...film.frames.map((frame) => largest(film.units.flatMap((unit) => unit.weights.map((i) => frame.parameters[i])))), 0);
byId("time").max = film.frames.length - 1;
darken(matchMedia("(prefers-color-scheme: dark)").matches);
drawLoss();
drawNetwork();
listen();
show(0);

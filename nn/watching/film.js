/* The film of a training: one slider moves the loss, the plane, the network and the numbers of its neurons together. */
"use strict";

const FILM = JSON.parse(document.getElementById("film").textContent);
const FRAMES = FILM.frames;
const LAST = FRAMES.length - 1;
const CLASSES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#777777"]; // Okabe and Ito, 2008
const SVG = "http://www.w3.org/2000/svg";

const state = { frame: 0, unit: 0, timer: null };

// ── small helpers ───────────────────────────────────────────────────────────────────────────────────────

const byId = (id) => document.getElementById(id);

function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** What JSON has no number for stands in it as Python writes it. */
const toNumber = (x) => (typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : x);

/** So many significant digits, as Python writes them with format code g, but for the sign. */
function written(x, digits = 4) {
  const number = toNumber(x);
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  const [figures, power] = number.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const short = String(Number(figures));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  const large = exponent < -4 || exponent >= digits;
  return (large ? `${short}e${exponent < 0 ? "-" : "+"}${size}` : String(Number(number.toPrecision(digits)))).replaceAll("-", "−");
}

/** How large a place is; of one that is not shown, what it could be, so that nothing has a negative size. */
function sizeOf(id) {
  const { clientWidth, clientHeight } = byId(id);
  return [Math.max(clientWidth, 160), Math.max(clientHeight, 100)];
}

const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");

/** The largest size among these numbers; infinite if one of them is not finite. */
function largest(numbers) {
  return numbers.reduce((most, x) => {
    const size = Math.abs(toNumber(x));
    return Number.isFinite(size) ? Math.max(most, size) : Infinity;
  }, 0);
}

const EXPLODED = 20; // times the first frame's largest: drawn like the largest of those before, so that these can be seen

/** The number that is drawn widest, from the largest one of each frame. */
function scaleOf(sizes) {
  const first = sizes.find((size) => size > 0) || 1;
  return Math.max(...sizes.filter((size) => size <= EXPLODED * first)) || 1;
}

/** A size as a share of the scale, at most 1. */
function share(size, scale) {
  return Number.isFinite(size) ? Math.min(size / scale, 1) : 1;
}

const numbersOf = (unit) => [...unit.weights, unit.bias];
const WIDEST_WEIGHT = scaleOf(FRAMES.map(({ parameters }) => largest(FILM.units.flatMap((unit) => unit.weights.map((i) => parameters[i])))));
const WIDEST_GRADIENT = scaleOf(FRAMES.map(({ gradients }) => largest(FILM.units.flatMap((unit) => numbersOf(unit).map((i) => gradients[i])))));

// ── the loss ────────────────────────────────────────────────────────────────────────────────────────────

const LETTER = 7.2; // pixels of a digit
const ENDS = [FILM.heights.high, FILM.heights.low].map((loss) => written(loss, 3));
const LOSS = { left: 14 + LETTER * Math.max(...ENDS.map(({ length }) => length)), right: 12, top: 8, bottom: 22 };

/** Where a step stands in a picture that is so wide and has such margins. */
const alongSteps = (step, width, { left, right }) => left + ((width - left - right) * step) / (FRAMES[LAST].step || 1);

/** Where a frame stands in the picture of the loss. */
function spotOf(frame) {
  const [width, height] = sizeOf("loss");
  return [alongSteps(frame.step, width, LOSS), height - LOSS.bottom - (height - LOSS.top - LOSS.bottom) * frame.height];
}

const isLost = (frame) => !Number.isFinite(toNumber(frame.loss));

function drawLoss() {
  const [width, height] = sizeOf("loss");
  const floor = height - LOSS.bottom;
  const [left, right] = [LOSS.left, width - LOSS.right];
  const label = (x, y, anchor, words) => drawn("text", { x, y, "text-anchor": anchor }, words);
  const picture = drawn("svg", { width, height, role: "img", id: "loss-picture" },
    drawn("path", { class: "axis", d: `M${left} ${LOSS.top}V${floor}H${right}` }),
    drawn("path", { class: "illness", d: illness(floor) }),
    drawn("polyline", { class: "curve", points: curve(FRAMES) }),
    drawn("polyline", { class: "curve past", id: "past" }),
    drawn("line", { class: "cursor", id: "cursor", y1: LOSS.top, y2: floor }),
    ...FRAMES.filter(isLost).map((frame) => drawn("text", { class: "mark", x: spotOf(frame)[0], y: LOSS.top + 5 }, written(frame.loss))),
    drawn("circle", { class: "spot", id: "spot", r: 5 }),
    label(left - 6, LOSS.top + 9, "end", ENDS[0]),
    label(left - 6, floor, "end", ENDS[1]),
    label(left, height - 5, "start", "0"),
    label(right, height - 5, "end", `${FRAMES[LAST].step} steps`));
  byId("loss").replaceChildren(picture);
  byId("loss-title").textContent = `Loss of the ${FILM.rows} watched rows${FILM.heights.log ? " (logarithmic scale)" : ""}`;
}

const curve = (frames) => frames.filter((frame) => !isLost(frame)).map((frame) => spotOf(frame).map((x) => x.toFixed(1)).join(",")).join(" ");

/** Along the axis, the steps at which something ails the network. */
function illness(floor) {
  return FRAMES.map((frame, i) => {
    if (!frame.symptoms.length) return "";
    const [from, to] = [spotOf(frame)[0], spotOf(FRAMES[Math.min(i + 1, LAST)])[0]];
    return `M${from.toFixed(1)} ${floor}H${Math.max(to, from + 2).toFixed(1)}`;
  }).join("");
}

function moveLoss(frame) {
  const [x, y] = spotOf(frame);
  byId("cursor").setAttribute("x1", x);
  byId("cursor").setAttribute("x2", x);
  byId("spot").setAttribute("cx", x);
  byId("spot").setAttribute("cy", y);
  byId("spot").setAttribute("class", isLost(frame) ? "spot lost" : "spot");
  byId("past").setAttribute("points", curve(FRAMES.slice(0, state.frame + 1)));
  byId("loss-picture").setAttribute("aria-label", `Loss: ${written(FRAMES[0].loss)} at first, ${written(frame.loss)} after ${frame.step} steps, ${written(FRAMES[LAST].loss)} at the end`);
}

/** The frame that is nearest to a place in the picture of the loss. */
function frameAt(x) {
  const distances = FRAMES.map((frame) => Math.abs(spotOf(frame)[0] - x));
  return distances.indexOf(Math.min(...distances));
}

// ── the plane: margins between the classes, interpolated to pixels, and the points ──────────────────────

const MARGINS = new Map(); // frame -> a list of numbers for each class

function marginsOf(number) {
  if (!MARGINS.has(number)) {
    const bounded = (x) => Math.max(-1e300, Math.min(toNumber(x), 1e300)); // between −∞ and ∞ there is no number
    const flats = FRAMES[number].margins.map((flat) => Float64Array.from(flat, bounded));
    if (flats.length === 1) flats.unshift(flats[0].map((margin) => -margin)); // of two classes, what one leads by the other lacks
    MARGINS.set(number, flats);
  }
  return MARGINS.get(number);
}

const hasPlane = FRAMES.some((frame) => frame.margins.length > 0);
const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const colourOf = (k) => CLASSES[k % CLASSES.length];

function drawPlane() {
  const [width, height] = sizeOf("plane");
  Object.assign(byId("shades"), { width, height });
  const [x1s, x2s] = FILM.axes;
  const place = (ticks, x, size) => ((x - ticks[0]) / (ticks[ticks.length - 1] - ticks[0])) * (size - 1);
  const points = FILM.points.map(([x1, x2, k]) =>
    drawn("circle", { class: "point", cx: place(x1s, x1, width), cy: height - 1 - place(x2s, x2, height), r: 4.5, fill: colourOf(k) }));
  const picture = drawn("svg", { width, height, "aria-hidden": "true" }, ...points);
  byId("plane").replaceChildren(byId("shades"), picture);
  const named = FILM.classes.map(([k, name]) => {
    const dot = element("span", { class: "class" });
    dot.style.background = colourOf(k);
    return element("span", {}, dot, ` class ${name.replace("-", "−")}`);
  });
  const range = (name, ticks) => element("span", {}, `${name} ${written(ticks[0], 3)} … ${written(ticks[ticks.length - 1], 3)}`);
  byId("plane-legend").replaceChildren(...named, range("x₁ →", x1s), range("x₂ ↑", x2s));
  byId("shades").setAttribute("aria-label", `The plane of x₁ and x₂, coloured by the class that the network predicts: ${FILM.classes.map(([, name]) => name).join(", ")}`);
}

/** Each pixel in the colour of the leading class, the paler the less it leads by. */
function movePlane(number) {
  const canvas = byId("shades");
  const { width, height } = canvas;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  const flats = marginsOf(number);
  const paper = channels(getComputedStyle(document.documentElement).getPropertyValue("--panel").trim());
  const inks = flats.map((_, k) => channels(colourOf(k)));
  const columns = interpolation(width, FILM.axes[0].length);
  const rows = interpolation(height, FILM.axes[1].length).reverse();
  let at = 0;
  for (const [j, t] of rows) {
    for (const [i, s] of columns) {
      const [leader, lead] = leading(flats, j * FILM.axes[0].length + i, FILM.axes[0].length, s, t);
      const strength = leader < 0 ? 0 : 0.16 + 0.34 * (1 - Math.exp(-lead));
      for (let c = 0; c < 3; c += 1) image.data[at + c] = leader < 0 ? paper[c] : paper[c] + (inks[leader][c] - paper[c]) * strength;
      image.data[at + 3] = 255;
      at += 4;
    }
  }
  pen.putImageData(image, 0, 0);
}

/** For each pixel of a side, the tick before it and how far it is from there to the next. */
function interpolation(pixels, ticks) {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = (pixel / (pixels - 1)) * (ticks - 1);
    const tick = Math.min(Math.floor(place), ticks - 2);
    return [tick, place - tick];
  });
}

/** The class that leads at a place between four ticks, and by how much; −1 where no number says so. */
function leading(flats, at, side, s, t) {
  let leader = -1;
  let lead = -Infinity;
  for (let k = 0; k < flats.length; k += 1) {
    const flat = flats[k];
    const below = s === 0 ? flat[at] : (1 - s) * flat[at] + s * flat[at + 1];
    const above = s === 0 ? flat[at + side] : (1 - s) * flat[at + side] + s * flat[at + side + 1];
    const margin = t === 0 ? below : (1 - t) * below + t * above;
    if (margin > lead) {
      leader = k;
      lead = margin;
    }
  }
  return [leader, Math.max(lead, 0)];
}

// ── the network: a column a layer, an edge a weight ─────────────────────────────────────────────────────

const NET = { left: 52, right: 52, top: 66, bottom: 14, apart: 56, gap: 46, least: 15, radius: 12, most: 64 };

/** Of a layer of more neurons than can be drawn, the first ones are. */
const shownOf = (count) => Math.min(count, NET.most);

/** How much thinner edges are where there are more than 150 between two layers, so that single ones can be told. */
const THIN = Math.min(1, Math.sqrt(150 / Math.max(...FILM.widths.slice(1).map((count, k) => shownOf(count) * shownOf(FILM.widths[k])), 1)));

/** Where everything stands in a picture of this size: wide layers stand in several columns, one beside the other. */
function places(width, height) {
  const step = (width - NET.left - NET.right) / Math.max(FILM.widths.length - 1, 1);
  const room = height - NET.top - NET.bottom;
  const columns = FILM.widths.map((count) => Math.ceil((shownOf(count) * NET.least) / Math.max(room, NET.least)));
  const gaps = FILM.widths.map((count, k) => Math.min(NET.gap, room / (shownOf(count) / columns[k])));
  const x = (k, j) => {
    const spread = Math.min(18, (0.6 * step) / columns[k]);
    return NET.left + k * step + ((j % columns[k]) - (columns[k] - 1) / 2) * spread;
  };
  const y = (k, j) => NET.top + room / 2 + ((j - (shownOf(FILM.widths[k]) - 1) / 2) * gaps[k]) / columns[k];
  const radius = (k) => Math.min(NET.radius, 0.38 * gaps[k]);
  return { x, y, radius, columns };
}

function drawNetwork() {
  const holder = byId("network");
  const least = NET.left + NET.right + NET.apart * (FILM.widths.length - 1);
  const [wide, height] = sizeOf("network");
  const width = Math.max(wide, least);
  const at = places(width, height);
  const edges = FILM.units.flatMap((unit) => (unit.layer === 0 || FILM.follows ? edgesOf(unit, at) : []));
  const inputs = Array.from({ length: shownOf(FILM.widths[0]) }, (_, i) => drawInput(i, at));
  const units = FILM.units.flatMap((unit, u) => (unit.place < NET.most ? [drawUnit(unit, u, at)] : []));
  holder.replaceChildren(drawn("svg", { width, height, role: "radiogroup", "aria-label": "Neurons" },
    drawn("g", { id: "edges", "aria-hidden": "true" }, ...edges),
    drawn("g", { "aria-hidden": "true" }, ...inputs, ...FILM.widths.flatMap((count, k) => drawTitle(count, k, at))),
    drawn("g", { id: "marks", "aria-hidden": "true" }),
    ...units));
  state.places = at;
}

function edgesOf(unit, at) {
  if (unit.place >= NET.most) return [];
  const { layer, place } = unit;
  return unit.weights.slice(0, NET.most).map((parameter, i) => {
    const line = drawn("line", { x1: at.x(layer, i), y1: at.y(layer, i), x2: at.x(layer + 1, place), y2: at.y(layer + 1, place) });
    line.parameter = parameter;
    return line;
  });
}

function drawInput(i, at) {
  const [x, y] = [at.x(0, i), at.y(0, i)];
  const circle = drawn("circle", { cx: x, cy: y, r: 0.6 * at.radius(0) });
  const name = drawn("text", { x: x - at.radius(0) - 3, y: y + 4, "text-anchor": "end" }, `x${subscript(i + 1)}`);
  return drawn("g", { class: "input" }, circle, ...(at.columns[0] > 1 ? [] : [name]));
}

function drawUnit(unit, u, at) {
  const [layer, place] = [unit.layer + 1, unit.place];
  const [cx, cy, r] = [at.x(layer, place), at.y(layer, place), at.radius(layer)];
  const group = drawn("g", { class: "unit", role: "radio", id: `unit-${u}` },
    drawn("title", {}, `${unit.name} (${unit.activation})`),
    drawn("circle", { class: "body", cx, cy, r }),
    drawn("circle", { class: "halo", cx, cy, r: r + 4 }),
    drawn("text", { x: cx, y: cy + 4 }));
  group.addEventListener("click", () => choose(u));
  return group;
}

function drawTitle(count, k, at) {
  const x = (at.x(k, 0) + at.x(k, shownOf(count) - 1)) / 2;
  const name = k ? `layer ${k}` : "input";
  const title = drawn("text", { class: "column", x, y: 13 }, count > NET.most ? `${name}: ${NET.most} of ${count}` : name);
  return [title, drawn("text", { class: k ? "size" : "size key", x, y: 29, id: `size-${k}` }, k ? "" : "gradient")];
}

function moveNetwork(frame) {
  for (const line of byId("edges").children) {
    const weight = toNumber(frame.parameters[line.parameter]);
    const part = share(Math.abs(weight), WIDEST_WEIGHT);
    line.setAttribute("class", weight < 0 ? "weight negative" : "weight");
    line.setAttribute("stroke-width", (0.4 + 4 * part * THIN).toFixed(2));
    line.setAttribute("stroke-opacity", ((0.12 + 0.75 * part) * Math.max(THIN, 0.4)).toFixed(2));
  }
  const dead = new Set(frame.symptoms.filter(({ kind }) => kind === "dead").map(({ layer, neuron }) => `${layer} ${neuron}`));
  FILM.units.forEach((unit, u) => moveUnit(unit, u, frame, dead.has(`${unit.layer} ${unit.place}`)));
  moveMarks(frame);
}

function moveUnit(unit, u, frame, isDead) {
  const group = byId(`unit-${u}`);
  if (!group) return;
  const chosen = u === state.unit;
  const part = share(largest(numbersOf(unit).map((i) => frame.gradients[i])), WIDEST_GRADIENT);
  const radius = state.places.radius(unit.layer + 1);
  group.setAttribute("class", `unit${chosen ? " chosen" : ""}${isDead ? " dead" : ""}`);
  group.setAttribute("tabindex", chosen ? "0" : "-1");
  group.setAttribute("aria-checked", String(chosen));
  group.setAttribute("aria-label", `${unit.name}, ${unit.activation}${isDead ? ", dead" : ""}`);
  group.querySelector(".body").setAttribute("stroke-width", (1 + 0.45 * radius * part).toFixed(2));
  group.querySelector("text").textContent = isDead ? "✕" : "";
}

/** The size of each layer's gradient, and a bracket over neighbouring layers that ail of the same. */
function moveMarks(frame) {
  const layers = frame.sizes.map((_, k) => frame.symptoms.find(({ layer, neuron }) => layer === k && neuron === null));
  const x = (k) => Number(byId(`size-${k + 1}`).getAttribute("x"));
  const marks = [];
  layers.forEach((symptom, k) => {
    const size = byId(`size-${k + 1}`);
    size.textContent = written(frame.sizes[k], 2);
    size.classList.toggle("ill", Boolean(symptom));
    if (!symptom || (k > 0 && layers[k - 1] && layers[k - 1].kind === symptom.kind)) return;
    let end = k;
    while (end + 1 < layers.length && layers[end + 1] && layers[end + 1].kind === symptom.kind) end += 1;
    marks.push(drawn("path", { class: "bracket", d: `M${x(k) - 20} 33v4H${x(end) + 20}v-4` }),
      drawn("text", { class: "mark", x: (x(k) + x(end)) / 2, y: 51 }, `⚠ ${symptom.kind}`));
  });
  byId("marks").replaceChildren(...marks);
}

// ── the numbers of a neuron, and what ails the network ──────────────────────────────────────────────────

const OTHERS = FILM.units.length; // in the list of neurons, the parameters that are of none

/** [name, which parameter] of each number that is shown. */
function chosenNumbers() {
  const unit = FILM.units[state.unit];
  if (!unit) return FILM.others;
  return [...unit.weights.map((i, k) => [`w${subscript(k + 1)}`, i]), ["b", unit.bias]];
}

function listNeurons() {
  const option = (unit, u) => element("option", { value: u }, `${unit.name} (${unit.activation})`);
  const groups = FILM.widths.slice(1).map((_, layer) =>
    element("optgroup", { label: `layer ${layer + 1}` }, ...FILM.units.flatMap((unit, u) => (unit.layer === layer ? [option(unit, u)] : []))));
  const others = FILM.units.length ? "no neuron" : "the model";
  byId("chooser").replaceChildren(...groups, ...(FILM.others.length ? [element("option", { value: OTHERS }, others)] : []));
}

function drawNeuron() {
  byId("chooser").value = state.unit;
  drawCourses();
  byId("numbers").replaceChildren(...chosenNumbers().map(([name]) =>
    element("tr", {}, element("th", { scope: "row" }, name), element("td"), element("td"))));
}

const COURSE = { left: 2, right: 2, top: 18, bottom: 4 };

/** The course of the numbers through all frames: a line for each value, and for each gradient. */
function drawCourses() {
  const [both, height] = sizeOf("courses");
  const width = (both - 16) / 2;
  const pictures = ["parameters", "gradients"].map((kind) => {
    const numbers = chosenNumbers().map(([, i]) => FRAMES.map((frame) => toNumber(frame[kind][i])));
    const sizes = FRAMES.map((_, k) => largest(numbers.map((course) => course[k])));
    const limit = scaleOf(sizes);
    const isCut = sizes.some((size) => size > limit);
    const middle = (COURSE.top + height - COURSE.bottom) / 2;
    const place = (x, k) => {
      const y = middle - ((height - COURSE.top - COURSE.bottom) / 2) * Math.max(-1, Math.min(x / limit, 1));
      return `${alongSteps(FRAMES[k].step, width, COURSE).toFixed(1)},${y.toFixed(1)}`;
    };
    const lines = numbers.map((course) =>
      drawn("polyline", { class: kind, points: course.flatMap((x, k) => (Number.isNaN(x) ? [] : [place(x, k)])).join(" ") }));
    const name = kind === "parameters" ? "values" : "gradients";
    return drawn("svg", { width, height, role: "img", "aria-label": `The ${name} at all steps, between −${written(limit, 2)} and ${written(limit, 2)}` },
      drawn("text", { x: 2, y: 11 }, `${name}, ${isCut ? "cut off at " : ""}±${written(limit, 2)}`),
      drawn("path", { class: "axis", d: `M${COURSE.left} ${middle}H${width - COURSE.right}` }),
      ...lines,
      drawn("line", { class: "cursor", y1: COURSE.top, y2: height - COURSE.bottom }));
  });
  byId("courses").replaceChildren(...pictures);
}

function moveCourses(frame) {
  for (const picture of byId("courses").children) {
    const x = alongSteps(frame.step, Number(picture.getAttribute("width")), COURSE);
    picture.lastChild.setAttribute("x1", x);
    picture.lastChild.setAttribute("x2", x);
  }
}

function moveNeuron(frame) {
  moveCourses(frame);
  const rows = byId("numbers").rows;
  chosenNumbers().forEach(([, i], k) => {
    rows[k].cells[1].textContent = written(frame.parameters[i]);
    rows[k].cells[2].textContent = written(frame.gradients[i]);
  });
  const active = frame.active[state.unit];
  byId("active").textContent = active === undefined ? "" : `Output not 0 for ${Math.round(100 * active)}% of the rows`;
}

function moveSymptoms(frame) {
  const items = frame.symptoms.map((symptom) => {
    const since = FRAMES[sinceWhen(symptom)].step;
    return element("li", {}, symptom.text, element("small", {}, since < frame.step ? ` (since step ${since})` : ""));
  });
  byId("symptoms").replaceChildren(...items);
  byId("well").textContent = items.length ? "" : "Nothing now: no dead relu, no vanishing or exploding gradient.";
}

/** The first of the frames up to now in all of which there is this symptom. */
function sinceWhen({ kind, layer, neuron }) {
  let first = state.frame;
  const has = (frame) => frame.symptoms.some((other) => other.kind === kind && other.layer === layer && other.neuron === neuron);
  while (first > 0 && has(FRAMES[first - 1])) first -= 1;
  return first;
}

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────

function show(number) {
  state.frame = Math.max(0, Math.min(number, LAST));
  const frame = FRAMES[state.frame];
  const said = `Step ${frame.step} of ${FRAMES[LAST].step}, loss ${written(frame.loss)}`;
  byId("slider").value = state.frame;
  byId("slider").setAttribute("aria-valuetext", said);
  byId("now").textContent = said;
  moveLoss(frame);
  if (hasPlane) movePlane(state.frame);
  if (FILM.units.length) {
    moveNetwork(frame);
    moveSymptoms(frame);
  }
  moveNeuron(frame);
  for (const id of ["first", "previous"]) byId(id).toggleAttribute("disabled", state.frame === 0);
  for (const id of ["next", "last"]) byId(id).toggleAttribute("disabled", state.frame === LAST);
}

function choose(unit) {
  state.unit = unit;
  drawNeuron();
  show(state.frame);
}

/** Draw everything for the size that there is. */
function draw() {
  drawLoss();
  if (hasPlane) drawPlane();
  if (FILM.units.length) drawNetwork();
  drawCourses();
  show(state.frame);
}

const FRAMES_PER_SECOND = 6; // at speed 1

function play() {
  if (state.timer !== null) return pause();
  if (state.frame === LAST) show(0);
  const tick = () => {
    show(state.frame + 1);
    if (state.frame === LAST) pause();
    else state.timer = setTimeout(tick, 1000 / FRAMES_PER_SECOND / Number(byId("speed").value));
  };
  state.timer = setTimeout(tick, 200);
  return showPlaying();
}

function pause() {
  clearTimeout(state.timer);
  state.timer = null;
  showPlaying();
}

function showPlaying() {
  const playing = state.timer !== null;
  byId("play").classList.toggle("playing", playing);
  byId("play").setAttribute("aria-label", playing ? "Pause" : "Play");
  byId("now").setAttribute("aria-live", playing ? "off" : "polite"); // a voice cannot keep up with a film
}

function go(number) {
  pause();
  show(number);
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  byId("theme").setAttribute("aria-pressed", String(name === "dark"));
  if (hasPlane) movePlane(state.frame);
}

/** The neuron that is so many further on among those that are drawn. */
function neighbour(distance) {
  const there = FILM.units.flatMap((unit, u) => (unit.place < NET.most ? [u] : []));
  return there[(there.indexOf(state.unit) + distance + there.length) % there.length];
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key: name } = event;
  const unit = target.closest && target.closest(".unit");
  const moves = { ArrowRight: state.frame + 1, ArrowLeft: state.frame - 1, Home: 0, End: LAST };
  if (name in moves && !target.matches("select, input[type=range]")) go(moves[name]);
  else if (name === " " && !target.matches("button, select")) play();
  else if (unit && (name === "ArrowDown" || name === "ArrowUp")) {
    choose(neighbour(name === "ArrowDown" ? 1 : -1));
    byId(`unit-${state.unit}`).focus();
  } else if (!unit || name !== "Enter") return;
  event.preventDefault();
}

function listen() {
  const pressed = (id, act) => byId(id).addEventListener("click", act);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => theme(dark.matches ? "dark" : "light");
  pressed("first", () => go(0));
  pressed("previous", () => go(state.frame - 1));
  pressed("play", play);
  pressed("next", () => go(state.frame + 1));
  pressed("last", () => go(LAST));
  pressed("theme", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  byId("slider").addEventListener("input", (event) => go(Number(event.target.value)));
  byId("chooser").addEventListener("change", (event) => choose(Number(event.target.value)));
  byId("loss").addEventListener("pointerdown", (event) => go(frameAt(event.clientX - byId("loss").getBoundingClientRect().left)));
  byId("loss").addEventListener("pointermove", (event) => event.buttons === 1 && go(frameAt(event.clientX - byId("loss").getBoundingClientRect().left)));
  document.addEventListener("keydown", key);
  dark.addEventListener("change", follow);
  follow();
}

/** Everything is on one page, and what the model does not have takes no room on it. */
function arrange() {
  const main = document.querySelector("main");
  main.classList.toggle("unplaned", !hasPlane);
  main.classList.toggle("bare", !FILM.units.length);
  byId("plane-panel").hidden = !hasPlane;
  byId("network-panel").hidden = byId("symptoms-panel").hidden = !FILM.units.length;
  byId("legend-dead").hidden = !FILM.units.some(({ activation }) => activation === "relu");
  const tallest = Math.max(...FILM.widths.map(shownOf), 1);
  byId("network").style.setProperty("--tall", `${Math.min(NET.top + NET.bottom + 34 * tallest, 400)}px`);
  const stops = FRAMES.map((frame, i) => `var(${frame.symptoms.length ? "--wrong" : "--wire"}) ${(100 * i) / FRAMES.length}% ${(100 * (i + 1)) / FRAMES.length}%`);
  byId("slider").style.setProperty("--track", `linear-gradient(to right, ${stops.join(", ")})`);
  byId("slider").max = LAST;
}

arrange();
listNeurons();
drawNeuron();
draw();
listen();
const resizing = new ResizeObserver(draw);
for (const id of ["network", "loss", "plane", "courses"]) resizing.observe(byId(id));

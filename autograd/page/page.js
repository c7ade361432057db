"use strict";
/* The page on which a pass is stepped through. It has no imports and asks the network for nothing.
 *
 * In reading order: numbers · rows (what operations compute) · Pass (the steps, and computing them anew after
 * an edit) · Notation (formulas and sentences) · Crowd (graphs drawn as neurons or layers) · Board (the
 * picture) · Inspector (one node) · Question (predict mode) · Page (what the reader does).
 *
 * DATA is what autograd/page/export.py has written. One object, the page, holds what the reader has chosen;
 * everything on the screen is drawn from it by Page.show.
 */

const DATA = JSON.parse(document.getElementById("data").textContent);

// ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────

/** The number that JSON has: inf and nan come as text. */
function number(given) {
  if (typeof given !== "string") return given;
  return given === "nan" ? NaN : given === "inf" ? Infinity : -Infinity;
}

/** `x` with four significant digits, as Python's f"{x:.4g}" has it. */
function digits(x) {
  if (x !== x) return "nan";
  if (x - x !== 0) return x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const sign = x < 0 ? "-" : "";
  const [mantissa, power] = rounded(Math.abs(x)).split("e");
  const exponent = Number(power);
  const figures = mantissa.replace(".", "");
  if (exponent < -4 || exponent >= 4) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${trimmed(`${figures[0]}.${figures.slice(1)}`)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}${trimmed(`0.${"0".repeat(-exponent - 1)}${figures}`)}`;
  return `${sign}${trimmed(`${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`)}`;
}

/** `x` > 0 in scientific notation; a tie goes to the even digit as in Python, where toExponential goes up. */
function rounded(x) {
  const [exact, power] = x.toExponential(30).split("e"); // every tie has fewer digits than that
  const tie = /^5(0*)$/.test(exact.slice(5));
  if (!tie || Number(exact[4]) % 2 === 1) return x.toExponential(3);
  return `${exact.slice(0, 5)}e${power}`;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0*$/, "") : text;
}

/** The number that a reader has typed, or null: "−0,5", "1e-3", "1/3", "inf" and "nan" are numbers. */
function typed(text) {
  const plain = text.trim().replace(/−/g, "-").replace(",", ".").replace("∞", "inf").toLowerCase();
  const whole = /^([^/]+)\/([^/]+)$/.exec(plain);
  if (whole) {
    const [above, below] = [typed(whole[1]), typed(whole[2])];
    return above === null || below === null ? null : above / below;
  }
  if (/^[+-]?inf(inity)?$/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  if (plain === "nan") return NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain) ? Number(plain) : null;
}

// ── rows: the primitive operations, in IEEE 754 as autograd/ieee.py has them ─────────────────────────────

const total = (xs, start) => xs.reduce((sum, x) => sum + x, start);

/** xʸ as C has it: JavaScript alone says that 1 to the power of nan, and ±1 to that of ±∞, are nan. */
function power(x, y) {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
}

/** 2/√π ∫₀ˣ e^(−t²) dt = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·5 ⋯ (2n+1)): all terms have one sign. */
function erf(x) {
  if (x !== x || x === 0) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function logsumexp(...xs) {
  if (xs.some((x) => x !== x)) return NaN;
  const m = xs.reduce((most, x) => Math.max(most, x), -Infinity);
  return m - m !== 0
    ? m
    : m +
        Math.log(
          total(
            xs.map((x) => Math.exp(x - m)),
            0,
          ),
        );
}

/** The entry at the index that comes last; nan where there is none (Python raises an error there). */
function select(...xs) {
  const index = xs[xs.length - 1];
  return Number.isInteger(index) && index >= 0 && index < xs.length - 1 ? xs[index] : NaN;
}

function crossEntropy(...xs) {
  const chosen = select(...xs);
  const logits = xs.slice(0, -1);
  if (!logits.every((x) => x - x === 0 && x <= chosen)) return logsumexp(...logits) - chosen;
  // log Σ exp(xᵢ − x_class) = log(1 + the others): a small loss keeps its digits.
  const others = logits.filter((_, i) => i !== xs[xs.length - 1]);
  return Math.log1p(
    total(
      others.map((x) => Math.exp(x - chosen)),
      0,
    ),
  );
}

const ROWS = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  neg: (x) => -x,
  step: (x) => (x <= 0 ? 0 : 1),
  sign: (x) => (x !== x ? x : Number(x > 0) - Number(x < 0)),
  equal: (x, y) => (x === y ? 1 : 0),
  share: (x, y) => (x < y ? 0 : x === y ? 0.5 : 1),
  where: (c, x, y) => (c !== 0 ? x : y),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  xlogy: (x, y) => (x === 0 && y === y ? 0 : x * Math.log(y)),
  xdivy: (x, y) => (x === 0 && y === y ? 0 : x / y),
  power,
  pow: power,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  atan: Math.atan,
  tanh: Math.tanh,
  erf,
  abs: Math.abs,
  sigmoid,
  relu: (x) => (x <= 0 ? 0 : x),
  softplus: (x) => Math.log1p(Math.exp(-Math.abs(x))) + (x > 0 ? x : 0),
  maximum: (x, y) => (x >= y || x !== x ? x : y),
  minimum: (x, y) => (x <= y || x !== x ? x : y),
  sum: (...xs) => total(xs, 0),
  prod: (...xs) => xs.reduce((product, x) => product * x, 1),
  dot(...xs) {
    const n = (xs.length - 1) / 2;
    let sum = xs[2 * n];
    for (let i = 0; i < n; i += 1) sum += xs[i] * xs[n + i];
    return sum;
  },
  logsumexp,
  select,
  cross_entropy: crossEntropy,
  binary_cross_entropy(a, y) {
    const positive = y !== 0 ? y * Math.log(a) : 0;
    const negative = y !== 1 ? (1 - y) * Math.log1p(-a) : 0;
    return 0 - positive - negative;
  },
  binary_cross_entropy_with_logits: (z, y) => z * ((z > 0 ? 1 : 0) - y) + Math.log1p(Math.exp(-Math.abs(z))),
};

/** The result of a row of DATA on numbers. */
function computed(row, xs) {
  return row.primitive ? ROWS[row.name](...xs) : run(row.forward, xs)[0];
}

/** The results of a program, [inputs, instructions, results], on numbers. */
function run([, instructions, results], inputs) {
  const slots = [...inputs];
  for (const instruction of instructions) {
    if (!Array.isArray(instruction)) slots.push(number(instruction));
    else
      slots.push(
        computed(
          DATA.rows[instruction[0]],
          instruction.slice(1).map((i) => slots[i]),
        ),
      );
  }
  return results.map((i) => slots[i]);
}

// ── the pass: its steps, and what is known after each ────────────────────────────────────────────────────

/** The numbers of all steps: those that Python computed, or those of the graph after an edit. Immutable. */
class Pass {
  constructor(values, partials, steps) {
    this.values = values; // of each node
    this.partials = partials; // of each node, one for each operand
    this.steps = steps;
    this.completedAt = new Map(); // node -> the step after which its gradient is complete
    steps.forEach((step, i) => {
      if (step.receiver !== null) this.completedAt.set(step.receiver, i);
    });
  }

  /** As Python recorded it. */
  static recorded() {
    const nodes = DATA.nodes;
    const steps = DATA.steps.map(([phase, node, position, value, ...rest]) => {
      const given = rest.map((x) => (x === null ? null : number(x)));
      const [upstream = null, partial = null, contribution = null, before = null, after = null, rate = null] =
        given;
      const operand = phase === "backward" ? nodes[node].operands[position] : null;
      const receiver = phase === "seed" ? node : operand;
      const seen = { phase, node, position, operand, receiver, value: number(value) };
      return { ...seen, upstream, partial, contribution, before, after, rate };
    });
    const values = nodes.map((node) => number(node.value));
    return new Pass(
      values,
      nodes.map((node) => (node.partials || []).map(number)),
      steps,
    );
  }

  /** The same graph with other numbers in some leaves: forward and backward are computed anew. */
  changed(changes) {
    const values = [...this.values];
    const partials = [...this.partials];
    for (const [leaf, value] of changes) values[leaf] = value;
    DATA.nodes.forEach((node, i) => {
      if (!node.operands) return;
      const [row, derivative, held] = DATA.rules[node.rule];
      if (held) return; // no leaf below it can have been changed
      const xs = node.operands.map((operand) => values[operand]);
      values[i] = computed(DATA.rows[row], xs);
      partials[i] = run(derivative, [...xs, values[i]]);
    });
    return new Pass(values, partials, Pass.walked(this.steps, values, partials));
  }

  /** `steps` with the numbers that they have for these values and local derivatives. */
  static walked(steps, values, partials) {
    const gradients = values.map(() => 0);
    const data = [...values];
    return steps.map((step) => {
      const { phase, node } = step;
      if (phase === "forward") return { ...step, value: values[node] };
      if (phase === "seed") {
        gradients[node] = step.after;
        return { ...step, value: values[node] };
      }
      if (phase === "backward") {
        const upstream = gradients[node];
        const partial = partials[node][step.position];
        const contribution = upstream * partial;
        const before = gradients[step.operand];
        const after = before + contribution;
        gradients[step.operand] = after;
        return { ...step, value: values[node], upstream, partial, contribution, before, after };
      }
      if (phase === "update") {
        const [before, partial] = [data[node], gradients[node]];
        const after = before - step.rate * partial;
        data[node] = after;
        return { ...step, value: after, partial, before, after };
      }
      const before = gradients[node];
      gradients[node] = step.after;
      return { ...step, value: data[node], before };
    });
  }

  get length() {
    return this.steps.length;
  }

  phase(i) {
    return this.steps[i].phase;
  }

  /** What is known after step i (−1: before all steps): numbers, gradients, or undefined. */
  state(i) {
    const values = this.values.map((value, node) => (DATA.nodes[node].operands ? undefined : value));
    const gradients = new Array(values.length);
    for (const step of this.steps.slice(0, i + 1)) {
      if (step.phase === "forward" || step.phase === "update") values[step.node] = step.value;
      else gradients[step.receiver ?? step.node] = step.after;
    }
    return { values, gradients };
  }

  /** The steps that have added to the gradient of `node` by step i. */
  contributions(node, i) {
    return this.steps.slice(0, i + 1).filter((step) => step.phase === "backward" && step.operand === node);
  }
}

/** What a node is called; a leaf without a name by its number. */
function nameOf(pass, node) {
  const { name, symbols } = DATA.nodes[node];
  return symbols ? name : digits(pass.values[node]);
}

/** The leaves that may be edited: those that no held operation depends on. */
function editableLeaves() {
  const held = new Set(); // nodes that a held operation depends on
  [...DATA.nodes.entries()].reverse().forEach(([i, node]) => {
    if (node.operands && (held.has(i) || DATA.rules[node.rule][2])) node.operands.forEach((p) => held.add(p));
  });
  const leaves = DATA.nodes.map((node, i) => (node.operands || node.constant || held.has(i) ? null : i));
  return new Set(leaves.filter((leaf) => leaf !== null));
}

// ── formulas and sentences ───────────────────────────────────────────────────────────────────────────────

const ATOM = 9; // the precedence of what never needs brackets
const READABLE = 80; // letters of a local derivative
const MOST = 4; // operands that are written out; of more than that, the first two and the last
const RAISED = { 2: "²", 3: "³" };

function filled(template, ...parts) {
  return template.replace(/\{(\d)\}/g, (_, i) => parts[i]);
}

function writing(text, precedence = ATOM, digit = false, whole = false, negative = false) {
  return { text, precedence, digit, whole, negative };
}

/** One way to write formulas, from the templates of autograd/page/notations.py, by the rules of formulas.py. */
class Notation {
  constructor(name) {
    this.key = name;
    this.words = DATA.notations[name];
  }

  number(x) {
    const text = digits(x);
    const said = text.replace("-", "−").replace("inf", "∞");
    const [mantissa, exponent] = said.split("e");
    const size = exponent === undefined ? "" : String(Number(text.split("e")[1])).replace("-", "−");
    const shown = size ? filled(this.words.power, mantissa, size) : filled(this.words.number, mantissa);
    const precedence = text[0] === "-" ? 1 : size ? 3 : ATOM; // 10⁻⁵ is a factor of such a number
    return writing(shown, precedence, /^\d/.test(text), /^\d+$/.test(text), text[0] === "-");
  }

  /** The name of a node, whatever it is. */
  symbol(pass, node) {
    const { name, symbols } = DATA.nodes[node];
    if (symbols)
      return writing(symbols[this.key === "mathml" ? 0 : 1], ATOM, /^\d$/.test(name), /^\d$/.test(name));
    const text = digits(pass.values[node]);
    if (this.key !== "mathml") return writing(text);
    return writing(text.length === 1 ? `<mn>${text}</mn>` : `<mtext>${text}</mtext>`);
  }

  /** The same, but of a leaf without a name its number. */
  name(pass, node) {
    return DATA.nodes[node].symbols ? this.symbol(pass, node) : this.number(pass.values[node]);
  }

  derivative(pass, output, operand) {
    const [template, precedence] = this.words.derivative;
    return writing(
      filled(template, this.symbol(pass, output).text, this.symbol(pass, operand).text),
      precedence,
    );
  }

  marked(part, written) {
    return { ...written, text: filled(this.words.parts[part], written.text) };
  }

  within(written, least) {
    return written.precedence >= least ? written.text : filled(this.words.enclosed, written.text);
  }

  sum(terms) {
    if (!terms.length) return this.number(0);
    const text = terms.map((term, i) => this.within(term, i ? 2 : 1)).join(this.words.plus);
    return writing(text, 1, terms[0].digit);
  }

  product(factors) {
    if (!factors.length) return this.number(1);
    const text = factors.map((factor, i) => this.within(factor, i ? 3 : 2)).join(this.words.times);
    return writing(text, 2, factors[0].digit && factors[0].precedence >= 2);
  }

  chain(factors) {
    if (factors.length === 1) return factors[0];
    return writing(factors.map((factor) => this.within(factor, 2)).join(this.words.chained), 2);
  }

  /** A row of DATA on operands that are written already. */
  apply(row, operands) {
    if (row.primitive && row.name === "mul") return this.times(operands);
    if (row.primitive && row.name === "sum") return this.sum(operands);
    if (row.primitive && row.name === "prod") return this.product(operands);
    if (row.primitive && row.name === "dot") return this.dot(operands);
    const exponent = row.primitive && ["power", "pow"].includes(row.name) ? operands[1].text : "";
    if (this.key !== "mathml" && RAISED[exponent]) {
      return writing(this.within(operands[0], ATOM) + RAISED[exponent], 4);
    }
    return this.shaped(row.written[this.key], row.leads, operands);
  }

  dot(operands) {
    const bias = operands[operands.length - 1];
    const biases = bias.text === this.number(0).text ? [] : [bias];
    return this.sum([...this.products(operands), ...biases]);
  }

  products(operands) {
    const n = (operands.length - 1) / 2;
    return operands.slice(0, n).map((w, i) => this.times([w, operands[n + i]]));
  }

  times([x, y]) {
    if (x.whole && !y.digit && !y.negative)
      return writing(x.text + this.words.coefficient + this.within(y, 3), 2, true);
    return this.shaped(this.words.shapes.mul, true, [x, y]);
  }

  shaped([template, precedence, binds], leads, operands) {
    if (binds === undefined) {
      return writing(filled(template, operands.map(({ text }) => text).join(precedence))); // a function
    }
    const least = (i) => (binds.length ? binds[i] : 0);
    const text = filled(template, ...operands.map((operand, i) => this.within(operand, least(i))));
    return writing(text, precedence, leads && operands[0].digit && operands[0].precedence >= least(0));
  }
}

const MATHML = DATA.notations && new Notation("mathml");
const PLAIN = DATA.notations && new Notation("plain");
const RECKONING = DATA.notations && new Notation("reckoning");

function shortened(parts, notation) {
  return parts.length <= MOST
    ? parts
    : [...parts.slice(0, 2), writing(notation.words.ellipsis), parts[parts.length - 1]];
}

/** The operation of `node` on operands that are written already. */
function applied(pass, node, operands, notation) {
  const { rule, operands: parents } = DATA.nodes[node];
  const row = DATA.rows[DATA.rules[rule][0]];
  if (row.primitive && row.name === "dot") {
    const bias = parents[parents.length - 1];
    const biased = !DATA.nodes[bias].constant || pass.values[bias] !== 0;
    const last = biased ? [operands[parents.length - 1]] : [];
    return notation.sum([...shortened(notation.products(operands), notation), ...last]);
  }
  return notation.apply(row, row.variadic ? shortened(operands, notation) : operands);
}

/** How a node is computed: in the names of its operands, or with side "numbered" in their numbers. */
function rule(pass, node, notation, side = "named") {
  const { rule: known, operands } = DATA.nodes[node];
  const { opened } = DATA.rows[DATA.rules[known][0]];
  const given = operands.map((p) => ({
    named: notation.name(pass, p),
    numbered: notation.number(pass.values[p]),
  }));
  if (opened) return writtenOut(opened, given, notation)[0][side];
  return applied(
    pass,
    node,
    given.map((slot) => slot[side]),
    notation,
  );
}

/** The results of a program as formulas. A slot has two sides, named and numbered, or is a fixed number. */
function writtenOut([, instructions, results], given, notation) {
  const slots = [...given];
  const written = (slot, side) => (slot.fixed === undefined ? slot[side] : notation.number(slot.fixed));
  for (const instruction of instructions) {
    if (!Array.isArray(instruction)) {
      slots.push({ fixed: number(instruction) });
      continue;
    }
    const row = DATA.rows[instruction[0]];
    const parts = instruction.slice(1).map((i) => slots[i]);
    if (parts.every((part) => part.fixed !== undefined)) {
      slots.push({
        fixed: computed(
          row,
          parts.map((part) => part.fixed),
        ),
      });
      continue;
    }
    const side = (which) =>
      notation.apply(
        row,
        parts.map((part) => written(part, which)),
      );
    slots.push({ named: side("named"), numbered: side("numbered") });
  }
  return results.map((i) => slots[i]);
}

/** ∂node/∂operand as its row states it; null where that is a number, or too long to read. */
function localDerivative(pass, node, position, notation) {
  const { rule: known, operands } = DATA.nodes[node];
  const derivative = DATA.rules[known][1];
  const stated = (way) => {
    const given = [...operands, node].map((p) => {
      if (DATA.nodes[p].constant) return { fixed: pass.values[p] };
      return { named: way.name(pass, p), numbered: way.number(pass.values[p]) };
    });
    return writtenOut(derivative, given, way)[position];
  };
  const found = stated(PLAIN);
  return found.fixed !== undefined || [...found.named.text].length > READABLE ? null : stated(notation);
}

/** The formula of a step as its sides; the first may end in an arrow, and the last is a number. */
function formula(pass, i, notation) {
  const step = pass.steps[i];
  const { phase, node } = step;
  if (phase === "forward") {
    const [symbols, numbers] = ["named", "numbered"].map((side) => rule(pass, node, notation, side));
    const sides = symbols.text === numbers.text ? [numbers] : [symbols, numbers];
    return equation([notation.name(pass, node), ...sides, notation.number(step.value)], notation);
  }
  if (phase === "backward") return carried(pass, step, notation);
  if (phase === "update") return moved(pass, step, notation);
  const gradient = notation.derivative(pass, DATA.root, node).text;
  const sign = phase === "seed" ? notation.words.equals : notation.words.becomes;
  return [gradient, sign + notation.number(step.after).text];
}

/** Texts of which each but the first begins with =, or the first side with an arrow. */
function equation(sides, notation, start = "") {
  const texts = sides.map(({ text }, i) => (i ? notation.words.equals + text : text));
  return start ? [start, notation.words.becomes + texts[0], ...texts.slice(1)] : texts;
}

function carried(pass, step, notation) {
  const { node, operand, upstream, partial, contribution, before, after } = step;
  const stated = localDerivative(pass, node, step.position, notation);
  const value = notation.number(partial);
  const times = (above, factors) =>
    factors.map((factor) =>
      notation.chain([notation.marked("upstream", above), notation.marked("partial", factor)]),
    );
  const symbols = times(notation.derivative(pass, DATA.root, node), [
    notation.derivative(pass, node, operand),
    ...(stated ? [stated.named] : []),
  ]);
  const reckoned = stated && stated.numbered.text !== value.text ? [stated.numbered] : [];
  const numbers = times(notation.number(upstream), [...reckoned, value]);
  const gradient = notation.derivative(pass, DATA.root, operand);
  const result = notation.marked("contribution", notation.number(contribution));
  if (USES[operand] === 1 && before === 0)
    return equation([gradient, ...symbols, ...numbers, result], notation);
  if (replaces(step)) return equation([...symbols, ...numbers, result], notation, gradient.text);
  const sums = [
    ...symbols.map((product) => notation.sum([gradient, product])),
    ...numbers.map((product) => notation.sum([notation.number(before), product])),
  ];
  return equation([...sums, notation.number(after)], notation, gradient.text);
}

/** Whether a step of a wrong pass puts its contribution in the place of what was there. */
function replaces({ before, contribution, after }) {
  return after === contribution && contribution !== before + contribution;
}

function moved(pass, step, notation) {
  const { node, before, partial, after, rate } = step;
  const subtracted = (x, y) => notation.shaped(notation.words.shapes.sub, true, [x, y]);
  const name = notation.name(pass, node);
  const old = notation.number(before);
  if (rate === null) {
    const change = after - before;
    const shape = change < 0 ? "sub" : "add";
    const sides = [
      notation.shaped(notation.words.shapes[shape], true, [old, notation.number(Math.abs(change))]),
    ];
    return equation([...sides, notation.number(after)], notation, name.text);
  }
  const gradient = notation.derivative(pass, DATA.root, node);
  const symbols = notation.chain([writing(notation.words.alpha), notation.marked("partial", gradient)]);
  const slope = notation.marked("partial", notation.number(partial));
  const sides = [subtracted(name, symbols), subtracted(old, notation.chain([notation.number(rate), slope]))];
  return equation([...sides, notation.number(after)], notation, name.text);
}

/** What a step does, in one sentence; asking leaves a ? where its result would stand. */
function sentence(pass, i, asking = false) {
  const step = pass.steps[i];
  const name = nameOf(pass, step.node);
  const product = (x, y) => RECKONING.product([RECKONING.number(x), RECKONING.number(y)]).text;
  const result = asking ? "?" : said(resultOf(step));
  if (step.phase === "forward") {
    const [symbols, numbers] = ["named", "numbered"].map((side) => rule(pass, step.node, PLAIN, side).text);
    const stated = symbols === numbers ? "" : `${symbols}: `;
    return `${name} = ${stated}${rule(pass, step.node, RECKONING, "numbered").text} = ${result}`;
  }
  if (step.phase === "seed") {
    return `The backward pass starts at ${name}: its gradient with respect to itself is ${result}`;
  }
  const before = said(step.before);
  if (step.phase === "zero") {
    return `The gradient of ${name} goes back from ${before} to ${result}, ready for the next pass`;
  }
  if (step.phase === "update" && step.rate === null) {
    return `${name}, whose gradient is ${said(step.partial)}, goes from ${before} to ${result}`;
  }
  if (step.phase === "update") {
    const move = product(step.rate, step.partial);
    return `${name} goes from ${before} to ${before} − learning rate × gradient = ${before} − ${move} = ${result}`;
  }
  const operand = nameOf(pass, step.operand);
  const flow = product(step.upstream, step.partial) + (asking ? "" : ` = ${said(step.contribution)}`);
  return (
    `From ${name} to ${operand} flows upstream × local derivative = ${flow}; ` +
    `the gradient of ${operand} goes from ${before} to ${result}`
  );
}

const SAID = new Map(); // thousands of numbers are written at each step, mostly the same as before

/** A number in a sentence, or in the picture. */
function said(x) {
  if (!SAID.has(x)) SAID.set(x, RECKONING.number(x).text);
  return x === 0 ? RECKONING.number(x).text : SAID.get(x); // a Map takes −0 for 0
}

/** The number that a step gives: a value, the gradient that it adds to, or the updated parameter. */
function resultOf(step) {
  return step.after === null ? step.value : step.after;
}

/** Why the number of a node cannot be edited, where one might expect that it can. */
function heldBecause(node) {
  const { operands, rule: known } = DATA.nodes[node];
  if (!operands)
    return DATA.fixed || "An operation that depends on it cannot be computed in the page: it is held.";
  return DATA.rules[known][2]
    ? "The page cannot compute this operation: all that it depends on is held."
    : "";
}

/** By how many edges each node is an operand. */
const USES = DATA.nodes ? DATA.nodes.map(() => 0) : [];
(DATA.nodes || []).forEach((node) => (node.operands || []).forEach((operand) => (USES[operand] += 1)));

// ── what the picture shows at a step ─────────────────────────────────────────────────────────────────────

/* A scene says for one step which part each box plays (now, uses, above, receives) and which each edge (feeds,
 * carries), and which boxes should be in view, the most important first. */

const BOARD = DATA.board;
const BOX_OF = new Map(BOARD.boxes.map((box, i) => [box.node, i]));
/** The edge along which a node uses its operand, by "node:position": edges come in the order of uses. */
const EDGE_OF = new Map();
(DATA.nodes || []).forEach((node, i) =>
  (node.operands || []).forEach((operand, position) => {
    if (BOX_OF.has(operand)) EDGE_OF.set(`${i}:${position}`, EDGE_OF.size);
  }),
);

/** The scene of step i of a pass. */
function sceneOf(pass, i) {
  const { phase, node, operand, position } = pass.steps[i];
  const box = BOX_OF.get(node);
  if (phase === "forward") {
    const operands = DATA.nodes[node].operands;
    const used = operands.filter((p) => BOX_OF.has(p)).map((p) => BOX_OF.get(p));
    const edges = operands.map((_, k) => EDGE_OF.get(`${node}:${k}`)).filter((edge) => edge !== undefined);
    return {
      boxes: new Map([...used.map((p) => [p, "uses"]), [box, "now"]]),
      edges: new Map(edges.map((edge) => [edge, "feeds"])),
      focus: [box, ...used],
    };
  }
  if (phase !== "backward") return { boxes: new Map([[box, "now"]]), edges: new Map(), focus: [box] };
  const receiver = BOX_OF.get(operand);
  return {
    boxes: new Map([
      [box, "above"],
      [receiver, "receives"],
    ]),
    edges: new Map([[EDGE_OF.get(`${node}:${position}`), "carries"]]),
    focus: [receiver, box],
  };
}

/** Graphs of more than 1,000 nodes: each step is all that happens in one neuron or layer in one go. */
class Crowd {
  constructor() {
    this.groups = BOARD.groups;
  }

  get length() {
    return this.groups.length;
  }

  phase(i) {
    return this.groups[i].phase;
  }

  scene(i) {
    const { phase, boxes, edges } = this.groups[i];
    const [part, flow] = phase === "backward" ? ["above", "carries"] : ["now", "feeds"];
    const ends = edges.map((edge) => BOARD.edges[edge].from).filter((end) => !boxes.includes(end));
    const role = phase === "backward" ? "receives" : "uses";
    return {
      boxes: new Map([...ends.map((end) => [end, role]), ...boxes.map((box) => [box, part])]),
      edges: new Map(edges.map((edge) => [edge, flow])),
      focus: boxes,
    };
  }

  /** Numbers and gradients of a box that are known after group i, as lists with commas. */
  texts(box, i) {
    const results = BOARD.results[box];
    const known = (column, at) => results.map((result) => (result[at] <= i ? result[column] : "–"));
    const said = (texts) => (texts.every((text) => text === "–") ? "" : texts.join(", "));
    return { value: said(known(1, 3)), gradient: said(known(2, 4)) };
  }

  /** The group after which all gradients of a box are complete. */
  completed(box) {
    const last = Math.max(...BOARD.results[box].map((result) => result[4]));
    return Number.isFinite(last) && last < this.length ? last : this.length - 1;
  }
}

// ── elements ─────────────────────────────────────────────────────────────────────────────────────────────

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function mathOf(text) {
  const holder = element("span", { class: "side" });
  holder.innerHTML = `<math displaystyle="true">${text}</math>`; // from templates and names that Python has escaped
  return holder;
}

const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

// ── the picture ──────────────────────────────────────────────────────────────────────────────────────────

const MARGIN = 6; // pixels around the picture
const INSET = 12; // pixels between a box and what is written in it
const LINE = 18;
const LETTER = 7.9;
const WRITTEN = ["name", "expression", "value", "gradient", "should"]; // in a box
const LONGEST = 24; // letters of an expression in a box
const MANY = 12; // edges, of which each is drawn thin

/** The picture: an SVG of boxes and edges where layout.py has put them. It remembers nothing of the pass. */
class Board {
  /** onChoose(box) is called when a box is pressed, onPoint(box) when it has the pointer or the focus. */
  constructor(holder, onChoose, onPoint) {
    this.holder = holder;
    this.scale = 1;
    this.parts = []; // [element, class] of what plays a part now
    this.edges = BOARD.edges.map((edge) => this.edge(edge));
    this.boxes = BOARD.boxes.map((box, i) => this.box(box, i));
    const frames = BOARD.frames.map(([title, x, y, width, height]) =>
      drawn(
        "g",
        { class: "frame" },
        drawn("rect", { x, y, width, height, rx: 10 }),
        text(x + width / 2, y + 15, "", title),
      ),
    );
    const [width, height] = BOARD.size;
    this.svg = drawn(
      "svg",
      {
        viewBox: `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`,
        role: "group",
        "aria-label": "The computation as a graph",
      },
      drawn("g", { "aria-hidden": "true" }, ...frames),
      drawn("g", { "aria-hidden": "true" }, ...this.edges.map(({ group }) => group)),
      drawn("g", { "aria-hidden": "true" }, ...this.edges.map(({ number }) => number)),
      ...this.boxes.map(({ group }) => group),
    );
    this.svg.classList.toggle("dense", !BOARD.roomy);
    holder.replaceChildren(this.svg);
    this.boxes.forEach(({ group }, i) => {
      group.addEventListener("click", () => onChoose(i));
      group.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && onPoint(i));
      group.addEventListener("focus", () => this.rove(i, onPoint));
    });
    this.roving = 0;
    this.boxes[0].group.setAttribute("tabindex", "0");
  }

  edge({ path, label }) {
    const [, from, tip] = /([\d.-]+,[\d.-]+)L([\d.-]+,[\d.-]+)$/
      .exec(path)
      .map((pair) => pair.split(",").map(Number));
    const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
    const corner = (turn) =>
      `${tip[0] - 10 * Math.cos(angle + turn)},${tip[1] - 10 * Math.sin(angle + turn)}`;
    const head = drawn("polygon", { points: `${tip.join(",")} ${corner(0.35)} ${corner(-0.35)}` });
    const number = text(label[0], label[1] + 4, "partial");
    return { number, said: "", group: drawn("g", { class: "edge" }, drawn("path", { d: path }), head) };
  }

  box({ at: [x, y, width, height], role }, i) {
    const right = x + width - INSET;
    const leaf = DATA.nodes && !DATA.nodes[BOARD.boxes[i].node].operands;
    const row = (k) => y + 20 + (leaf ? k - 1 : k) * (LINE + 1);
    const name = text(x + INSET, y + 20, "name");
    const expression = text(right, y + 20, "expression");
    const value = text(right, leaf ? y + 20 : row(1), "value");
    const gradient = text(right, row(2), "gradient");
    const should = text(right, row(3), "should");
    const key = (k, word) => text(x + INSET, row(k), "key", word);
    const data = leaf ? [value] : [key(1, "data"), value];
    const group = drawn(
      "g",
      { class: `box ${role}`, tabindex: -1, role: "button" },
      drawn("rect", { x, y, width, height, rx: leaf ? 16 : 7 }),
      // Spaces between them, for those to whom the box is read.
      ...[name, expression, ...data, key(2, "grad"), gradient, should].flatMap((part) => [part, " "]),
    );
    return { group, name, expression, value, gradient, should, said: { should: "" } };
  }

  /** Make i the one box that the tab key reaches; the others are reached from it with the arrows up and down. */
  rove(i, onPoint) {
    this.boxes[this.roving].group.setAttribute("tabindex", "-1");
    this.boxes[i].group.setAttribute("tabindex", "0");
    this.roving = i;
    onPoint(i);
  }

  focus(i) {
    this.boxes[i].group.focus({ preventScroll: true });
    this.bring([i]);
  }

  /** Write what is known of each box and edge, where it has changed. */
  write(textsOf, partialOf) {
    this.boxes.forEach((box, i) => {
      const texts = textsOf(i);
      for (const key of WRITTEN) {
        if (texts[key] !== box.said[key]) box[key].textContent = texts[key];
      }
      if (texts.should !== box.said.should) box.group.classList.toggle("wrong", texts.should !== "");
      box.said = texts;
    });
    this.edges.forEach((edge, i) => {
      const partial = partialOf(i);
      if (partial !== edge.said) edge.number.textContent = edge.said = partial;
    });
  }

  /** Give boxes and edges the parts that they play in a scene. */
  play(scene, phase) {
    for (const [part, name] of this.parts) part.classList.remove(name);
    this.parts = [
      ...[...scene.boxes].map(([i, name]) => [this.boxes[i].group, name]),
      ...[...scene.edges].map(([i, name]) => [this.edges[i].group, name]),
      ...[...scene.edges].map(([i, name]) => [this.edges[i].number, name]),
    ];
    for (const [part, name] of this.parts) part.classList.add(name);
    for (const [i] of scene.edges) this.edges[i].group.parentNode.append(this.edges[i].group); // above the others
    this.svg.setAttribute("data-phase", phase);
    this.svg.classList.toggle("many", scene.edges.size > MANY);
  }

  /** Light up the boxes and edges of every path from box i to the output; null puts the light out. */
  light(i) {
    const lit = i === null ? new Set() : reaching(i);
    this.svg.classList.toggle("paths", lit.size > 0);
    this.boxes.forEach(({ group }, k) => group.classList.toggle("lit", lit.has(k)));
    this.edges.forEach(({ group, number: label }, k) => {
      for (const part of [group, label]) part.classList.toggle("lit", lit.has(BOARD.edges[k].from));
    });
  }

  zoom(scale) {
    const [width, height] = BOARD.size;
    this.scale = Math.min(2.5, Math.max(this.whole(), scale));
    this.svg.setAttribute("width", (width + 2 * MARGIN) * this.scale);
    this.svg.setAttribute("height", (height + 2 * MARGIN) * this.scale);
  }

  /** The scale at which the picture fills its place. */
  filling() {
    const [width, height] = BOARD.size;
    const { clientWidth, clientHeight } = this.holder;
    return Math.min((clientWidth - 24) / (width + 2 * MARGIN), (clientHeight - 24) / (height + 2 * MARGIN));
  }

  /** The scale at which all of the picture is in view, or a tenth if it is very large. */
  whole() {
    return Math.min(1, Math.max(this.filling(), 0.1));
  }

  /** All of the picture if it can be read at that size, else as large as reads well. */
  fit() {
    const scale = this.filling();
    this.zoom(scale < 0.6 ? 0.85 : Math.min(1.5, scale));
  }

  /** Scroll so that boxes are in view: all of them if they fit, else the first. */
  bring(boxes) {
    const [margin, below] = [28, 60]; // below are the buttons that change the size
    const { holder } = this;
    const corner = this.svg.getBoundingClientRect();
    const outer = holder.getBoundingClientRect();
    const [left, top] = [
      corner.left - outer.left + holder.scrollLeft,
      corner.top - outer.top + holder.scrollTop,
    ];
    const spans = boxes.map((i) => {
      const [x, y, width, height] = BOARD.boxes[i].at.map((size) => size * this.scale);
      const inset = MARGIN * this.scale;
      return [
        [left + inset + x - margin, left + inset + x + width + margin],
        [top + inset + y - margin, top + inset + y + height + below],
      ];
    });
    const goal = (axis, size, now) => {
      const all = [
        Math.min(...spans.map((span) => span[axis][0])),
        Math.max(...spans.map((span) => span[axis][1])),
      ];
      const [low, high] = all[1] - all[0] <= size ? all : spans[0][axis];
      return low < now ? low : high > now + size ? high - size : now;
    };
    const goals = {
      left: goal(0, holder.clientWidth, holder.scrollLeft),
      top: goal(1, holder.clientHeight, holder.scrollTop),
    };
    if (goals.left !== holder.scrollLeft || goals.top !== holder.scrollTop) {
      // A long way would pass by as a blur.
      const far = Math.abs(goals.top - holder.scrollTop) > 2 * holder.clientHeight;
      holder.scrollTo({ ...goals, behavior: far || CALM.matches ? "instant" : "smooth" });
    }
  }
}

/** `words`, cut off where there are more than so many letters. */
function cut(words, most) {
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

function text(x, y, name, content = "") {
  return drawn("text", { x, y, class: name }, content);
}

/** The boxes that lie on a path from box i to the output: it, and all that depend on it. */
function reaching(i) {
  const found = new Set([i]);
  const next = new Map();
  BOARD.boxes.forEach((_, k) => next.set(k, []));
  BOARD.edges.forEach(({ from, to }) => next.get(from).push(to));
  const pending = [i];
  while (pending.length) {
    for (const to of next.get(pending.pop())) {
      if (!found.has(to)) pending.push(to);
      found.add(to);
    }
  }
  return found;
}

/** How many paths lead from a node to the output. */
function pathsFrom(node) {
  const count = DATA.nodes.map(() => 0);
  count[node] = 1;
  DATA.nodes.forEach(({ operands }, i) => {
    if (operands && i !== node)
      count[i] = total(
        operands.map((operand) => count[operand]),
        0,
      );
  });
  return count[DATA.root];
}

// ── one node: its rule, its numbers, what has flowed into it ─────────────────────────────────────────────

/** The panel that shows one node: what it is, what is known of it, and a way to change its number. */
class Inspector {
  /** onEdit(leaf, value) is called when the reader changes a number, with null to have the old one back. */
  constructor(onEdit) {
    this.node = null;
    this.editable = DATA.fixed === "" ? editableLeaves() : new Set();
    const [field, slide] = [byId("edit"), byId("slide")];
    field.addEventListener("input", () => {
      const value = typed(field.value);
      field.setAttribute("aria-invalid", value === null);
      if (value !== null) onEdit(this.node, value);
    });
    slide.addEventListener("input", () => {
      field.value = slide.value;
      field.setAttribute("aria-invalid", "false");
      onEdit(this.node, Number(slide.value));
    });
    byId("undo").addEventListener("click", () => {
      onEdit(this.node, null);
      field.focus(); // the button is gone
    });
    byId("editing").addEventListener("submit", (event) => event.preventDefault());
  }

  /** What is known of a node after step `at`: `known` is the state there. */
  show(pass, node, known, at, edited) {
    const { operands } = DATA.nodes[node];
    const role = BOARD.boxes[BOX_OF.get(node)].role;
    byId("node-name").textContent = nameOf(pass, node);
    byId("node-role").textContent = role;
    byId("node-rule").replaceChildren(...(operands ? [mathOf(rule(pass, node, MATHML).text)] : []));
    byId("node-data").textContent =
      known.values[node] === undefined ? "not computed yet" : said(known.values[node]);
    const done = pass.completedAt.get(node);
    const gradient = known.gradients[node];
    const state = gradient === undefined ? "" : done !== undefined && done > at ? "so far" : "complete";
    byId("node-gradient").textContent = gradient === undefined ? "not computed yet" : said(gradient);
    byId("node-state").textContent = state;
    this.showContributions(pass, node, at);
    const count = pathsFrom(node);
    byId("node-paths").textContent =
      `${count.toLocaleString("en")} ${count === 1 ? "path" : "paths"} to ${nameOf(pass, DATA.root)}`;
    this.showEditing(pass, node, known, edited);
  }

  showContributions(pass, node, at) {
    const steps = pass.contributions(node, at);
    const rows = steps.map(({ node: from, upstream, partial, contribution }) =>
      element(
        "li",
        {},
        element("span", { class: "from" }, `from ${nameOf(pass, from)}`),
        element("span", { class: "upstream" }, RECKONING.number(upstream).text),
        " × ",
        element("span", { class: "partial" }, RECKONING.within(RECKONING.number(partial), 3)),
        " = ",
        element("span", { class: "contribution" }, RECKONING.number(contribution).text),
      ),
    );
    byId("node-contributions").replaceChildren(...rows);
    byId("contributions").hidden = !rows.length;
  }

  showEditing(pass, node, known, edited) {
    const able = this.editable.has(node);
    byId("editing").hidden = !able;
    byId("held").textContent = able ? "" : heldBecause(node);
    byId("undo").hidden = !edited;
    const moved = node !== this.node;
    this.node = node;
    if (!able) return;
    const field = byId("edit");
    const value = pass.values[node];
    const before = Object.is(known.values[node], value) ? "" : " before the update";
    byId("edit-label").textContent = `Try another number for ${nameOf(pass, node)}${before}`;
    if (moved || (document.activeElement !== field && typed(field.value) !== value)) {
      field.value = String(value).replace("Infinity", "inf").replace("NaN", "nan");
      field.setAttribute("aria-invalid", "false");
    }
    const slide = byId("slide");
    if (moved) {
      const reach = Math.max(2, 2 * Math.abs(value));
      const middle = value - value === 0 ? value : 0;
      slide.min = middle - (reach - reach === 0 ? reach : 2);
      slide.max = middle + (reach - reach === 0 ? reach : 2);
    }
    if (value - value === 0) slide.value = value;
    slide.setAttribute("aria-label", `Slide ${nameOf(pass, node)}`);
  }

  /** A box of a graph that is drawn as neurons or layers. */
  showCrowd(crowd, box, at) {
    const { name, role, expression } = BOARD.boxes[box];
    byId("node-name").textContent = name;
    byId("node-role").textContent = role;
    byId("node-rule").textContent = expression;
    const { value, gradient } = crowd.texts(box, at);
    byId("node-data").textContent = value || "not computed yet";
    byId("node-gradient").textContent = gradient || "not computed yet";
  }
}

// ── predict: the next number is hidden until the reader has typed or revealed it ─────────────────────────

/** The number that is asked for at step i, or null where nothing is to be predicted. */
function answerOf(pass, i) {
  return pass.phase(i) === "zero" ? null : resultOf(pass.steps[i]);
}

function promptOf(pass, i) {
  const { phase, node, operand } = pass.steps[i];
  if (phase === "forward") return `What is ${nameOf(pass, node)}?`;
  if (phase === "update") return `What does ${nameOf(pass, node)} become?`;
  return `What is the gradient of ${nameOf(pass, operand ?? node)} after this step?`;
}

/** Whether a guess is right, to 1 %, and what to say about it. */
function verdict(guess, truth) {
  if (guess === null)
    return { right: false, words: "That is not a number: write it like 0.25, −3, 1e-3 or 1/3." };
  const [off, size] = [Math.abs(guess - truth), Math.abs(truth)];
  const same = guess === truth || (guess !== guess && truth !== truth) || off <= Math.max(0.01 * size, 1e-12);
  if (same) return { right: true, words: `Right: ${said(truth)}` };
  if (truth - truth !== 0 || guess - guess !== 0) return { right: false, words: "Not that." };
  if (Math.abs(guess + truth) <= 0.01 * size)
    return { right: false, words: "The size is right, the sign is not." };
  const share = size ? ` (${said(Number(((100 * off) / size).toPrecision(2)))} %)` : "";
  return {
    right: false,
    words: `Too ${guess > truth ? "large" : "small"} by ${said(Number(off.toPrecision(2)))}${share}.`,
  };
}

// ── what the reader does ─────────────────────────────────────────────────────────────────────────────────

const PACE = 800; // milliseconds of a step at speed 1

/** What the reader has chosen, and how the screen follows from it. */
class Page {
  constructor() {
    this.crowd = BOARD.groups ? new Crowd() : null;
    this.recorded = this.crowd ? null : Pass.recorded();
    this.pass = this.recorded;
    this.changes = new Map(); // leaf -> number that the reader gave it
    this.at = 0;
    this.pinned = null; // the box that was chosen
    this.pointed = null; // the box under the pointer, or with the focus
    this.timer = null;
    this.predicting = false;
    this.answered = new Set();
    this.board = new Board(
      byId("board"),
      (box) => this.choose(box),
      (box) => this.point(box),
    );
    this.inspector = this.crowd
      ? new Inspector(() => {})
      : new Inspector((leaf, value) => this.edit(leaf, value));
    this.listen();
    this.theme(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    this.board.fit();
    this.go(Math.min(Math.max(DATA.at, 0), this.steps.length - 1));
  }

  get steps() {
    return this.crowd || this.pass;
  }

  // ── moving in time ──

  /** Show step i, and where a number is to be predicted, be ready for it. */
  go(i) {
    this.visit(i);
    this.ask();
  }

  visit(i) {
    this.at = Math.min(Math.max(i, 0), this.steps.length - 1);
    this.pointed = null;
    this.board.light(null);
    byId("verdict").textContent = "";
    byId("answer").value = "";
    this.show();
    this.board.bring(this.scene().focus);
  }

  next() {
    if (this.asking()) this.reveal();
    else this.go(this.at + 1);
  }

  play() {
    if (this.timer) return this.pause();
    if (this.at === this.steps.length - 1) this.go(0);
    const tick = () => {
      this.next();
      if (this.at === this.steps.length - 1 || this.asking()) this.pause();
      else this.timer = setTimeout(tick, PACE / Number(byId("speed").value));
    };
    this.timer = setTimeout(tick, 200);
    return this.showPlaying();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.showPlaying();
  }

  showPlaying() {
    const playing = Boolean(this.timer);
    byId("play").classList.toggle("playing", playing);
    byId("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    // A voice cannot keep up with a playing pass.
    byId("sentence").setAttribute("aria-live", playing ? "off" : "polite");
  }

  // ── looking at nodes ──

  choose(box) {
    this.pause();
    const done = this.crowd ? this.crowd.completed(box) : this.pass.completedAt.get(BOARD.boxes[box].node);
    this.pinned = box;
    this.visit(done ?? this.at);
    this.board.light(box);
    this.show();
    this.board.bring([box]);
  }

  point(box) {
    if (byId("editing").contains(document.activeElement)) return; // the reader is at work on another node
    this.pointed = box;
    this.showNode();
  }

  release() {
    this.pinned = this.pointed = null;
    this.board.light(null);
    this.show();
  }

  edit(leaf, value) {
    if (value === null) this.changes.delete(leaf);
    else this.changes.set(leaf, value);
    this.pinned = BOX_OF.get(leaf);
    this.answered.clear();
    this.pass = this.changes.size ? this.recorded.changed(this.changes) : this.recorded;
    if (value === null) this.inspector.node = null;
    this.show();
  }

  // ── predicting ──

  asking() {
    return this.predicting && !this.answered.has(this.at) && answerOf(this.pass, this.at) !== null;
  }

  /** Put the cursor where the answer goes, but for those whose keyboard would then cover the page. */
  ask() {
    if (this.asking() && window.matchMedia("(pointer: fine)").matches) byId("answer").focus();
  }

  predict() {
    this.predicting = !this.predicting;
    this.answered.clear();
    this.pause();
    byId("predict").setAttribute("aria-pressed", this.predicting);
    byId("verdict").textContent = "";
    this.show();
    this.ask();
  }

  check() {
    if (!this.asking()) return this.next();
    const { right, words } = verdict(typed(byId("answer").value), answerOf(this.pass, this.at));
    byId("verdict").textContent = words;
    byId("verdict").classList.toggle("right", right);
    return right ? this.settle() : this.show();
  }

  reveal() {
    byId("verdict").textContent = `It is ${said(answerOf(this.pass, this.at))}`;
    byId("verdict").classList.remove("right");
    this.settle();
  }

  /** The number is known and the field goes: whoever was in it finds the next step under the Enter key. */
  settle() {
    const inside = byId("asked").contains(document.activeElement);
    this.answered.add(this.at);
    this.show();
    if (inside) byId("next").focus();
  }

  // ── drawing it all ──

  scene() {
    return this.crowd ? this.crowd.scene(this.at) : sceneOf(this.pass, this.at);
  }

  show() {
    const phase = this.steps.phase(this.at);
    document.body.dataset.phase = phase;
    if (this.crowd) this.showGroup();
    else this.showStep();
    this.board.play(this.scene(), phase);
    this.showNode();
    this.showTime(phase);
    byId("restore").hidden = !this.changes.size;
    byId("parting").setAttribute("aria-current", this.at === DATA.lesson?.parting ? "step" : "false");
  }

  showStep() {
    const asking = this.asking();
    this.known = this.pass.state(asking ? this.at - 1 : this.at);
    const sides = formula(this.pass, this.at, MATHML);
    if (asking) sides[sides.length - 1] = `${MATHML.words.equals}<mtext class="asked">?</mtext>`;
    byId("formula").replaceChildren(...sides.map(mathOf));
    byId("sentence").textContent = sentence(this.pass, this.at, asking) + (asking ? "" : ".");
    byId("prompt").textContent = promptOf(this.pass, this.at);
    byId("question").hidden = !this.predicting;
    byId("asked").hidden = !asking;
    this.showOutcome();
    const scene = this.scene();
    this.board.write(
      (box) => this.textsOf(box),
      (edge) => this.partialOf(edge, scene),
    );
  }

  /** The output above the page, with its number once that is known; its place is kept until then. */
  showOutcome() {
    const { root } = DATA;
    byId("title").textContent = nameOf(this.pass, root);
    byId("outcome").textContent = ` = ${said(this.pass.values[root])}`;
    byId("outcome").style.visibility = this.known.values[root] === undefined ? "hidden" : "visible";
  }

  showGroup() {
    const { name, phase, steps, told } = this.crowd.groups[this.at];
    const [first, last] = steps;
    const count = last - first;
    byId("formula").replaceChildren(element("span", { class: "group" }, name));
    byId("sentence").textContent =
      `${count.toLocaleString("en")} ${phase} ${count === 1 ? "step" : "steps"} in ${name}.`;
    const more =
      count > told.length
        ? [element("li", { class: "more" }, `and ${(count - told.length).toLocaleString("en")} more`)]
        : [];
    byId("told").replaceChildren(...told.map((words) => element("li", {}, `${words}.`)), ...more);
    const { boxes } = BOARD;
    this.board.write(
      (box) => {
        const { name: title, expression, at } = boxes[box];
        const { value, gradient } = this.crowd.texts(box, this.at);
        const room = Math.floor((at[2] - 2 * INSET - 42) / LETTER);
        return { name: title, expression, value: cut(value, room), gradient: cut(gradient, room), should: "" };
      },
      () => "",
    );
  }

  textsOf(box) {
    const { node, name, expression } = BOARD.boxes[box];
    const { values, gradients } = this.known;
    const held = DATA.nodes[node].symbols === null;
    const done = this.pass.completedAt.get(node);
    const right = DATA.lesson ? number(DATA.lesson.right[node]) : undefined;
    const wrong = right !== undefined && done <= this.at && !same(right, this.pass.steps[done].after);
    return {
      name: held ? nameOf(this.pass, node) : name,
      expression: cut(
        expression.replace(/⟦(\d+)⟧/g, (_, leaf) => digits(this.pass.values[leaf])),
        LONGEST,
      ),
      value: values[node] === undefined ? "" : said(values[node]),
      gradient: gradients[node] === undefined ? "" : said(gradients[node]),
      should: wrong ? `right: ${said(right)}` : "",
    };
  }

  partialOf(edge, scene) {
    const [node, position] = USE_OF[edge];
    if (this.known.values[node] === undefined) return "";
    return BOARD.roomy || scene.edges.has(edge) ? said(this.pass.partials[node][position]) : "";
  }

  showNode() {
    const box = this.pointed ?? this.pinned ?? this.scene().focus[0];
    const node = BOARD.boxes[box].node;
    if (this.crowd) this.inspector.showCrowd(this.crowd, box, this.at);
    else this.inspector.show(this.pass, node, this.known, this.at - this.asking(), this.changes.has(node));
  }

  showTime(phase) {
    const last = this.steps.length - 1;
    const place = `${this.at + 1} of ${last + 1}`;
    byId("place").textContent = place;
    const slider = byId("slider");
    slider.max = last;
    slider.value = this.at;
    slider.setAttribute("aria-valuetext", `Step ${place}, ${phase}`);
    for (const id of ["first", "previous"]) byId(id).toggleAttribute("disabled", this.at === 0);
    for (const id of ["next", "last"])
      byId(id).toggleAttribute("disabled", this.at === last && !(id === "next" && this.asking()));
    const now = this.starts.findLastIndex((start) => start <= this.at); // a phase may come twice
    [...byId("phases").children].forEach((chip, k) => {
      if (k === now) chip.setAttribute("aria-current", "step");
      else chip.removeAttribute("aria-current");
    });
  }

  theme(name) {
    document.documentElement.dataset.theme = name;
    byId("theme").setAttribute("aria-pressed", name === "dark");
  }

  // ── what is listened to ──

  listen() {
    const pressed = (id, act) => byId(id).addEventListener("click", act);
    const moving = (act) => () => {
      this.pause();
      act();
    };
    pressed(
      "first",
      moving(() => this.go(0)),
    );
    pressed(
      "previous",
      moving(() => this.go(this.at - 1)),
    );
    pressed("play", () => this.play());
    pressed(
      "next",
      moving(() => this.next()),
    );
    pressed(
      "last",
      moving(() => this.go(this.steps.length - 1)),
    );
    pressed("closer", () => this.magnify(1.25));
    pressed("farther", () => this.magnify(0.8));
    pressed("whole", () => this.magnify(this.board.scale > this.board.whole() ? 0 : null));
    pressed("theme", () => this.theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
    pressed("predict", () => this.predict());
    pressed("reveal", () => this.reveal());
    pressed("restore", () => [...this.changes.keys()].forEach((leaf) => this.edit(leaf, null)));
    byId("slider").addEventListener("input", (event) => {
      this.pause();
      this.go(Number(event.target.value));
    });
    byId("question").addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
    byId("board").addEventListener("click", (event) => !event.target.closest(".box") && this.release());
    byId("board").addEventListener("pointerover", (event) => {
      if (this.pinned !== null && this.pointed !== null && !event.target.closest(".box")) this.point(null);
    });
    window
      .matchMedia("(prefers-color-scheme: dark)")
      .addEventListener("change", (event) => this.theme(event.matches ? "dark" : "light"));
    document.addEventListener("keydown", (event) => this.key(event));
    this.phases();
    if (DATA.lesson) this.lesson();
    document.body.classList.toggle("collapsed", this.crowd !== null);
  }

  /** Zoom by a factor, 0 for all of the picture and null for as much as can be read. */
  magnify(factor) {
    if (factor === null) this.board.fit();
    else this.board.zoom(this.board.scale * factor);
    this.board.bring(this.scene().focus);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    const box = target.closest && target.closest(".box");
    const writing = target.matches("input[type=text]") && target.value !== "";
    const own = target.matches("select, input[type=range]") || writing;
    const acts = {
      ArrowRight: () => this.next(),
      ArrowLeft: () => this.go(this.at - 1),
      Home: () => this.go(0),
      End: () => this.go(this.steps.length - 1),
    };
    if (acts[key] && !own) {
      this.pause();
      acts[key]();
    } else if (key === " " && !target.matches("button, select, input[type=text]")) this.play();
    else if (key === "Escape") this.release();
    else if (box && key === "Enter") this.choose(this.board.roving);
    else if (box && (key === "ArrowUp" || key === "ArrowDown")) {
      const count = BOARD.boxes.length;
      this.board.focus((this.board.roving + (key === "ArrowDown" ? 1 : count - 1)) % count);
    } else return;
    event.preventDefault();
  }

  /** A button for each phase, and the stretch of the slider that it takes. */
  phases() {
    const names = [];
    for (let i = 0; i < this.steps.length; i += 1) {
      if (names.length === 0 || names[names.length - 1][0] !== this.steps.phase(i))
        names.push([this.steps.phase(i), i]);
    }
    this.starts = names.map(([, first]) => first);
    const chips = names.map(([phase, first]) => {
      const chip = element(
        "button",
        { type: "button", "data-phase": phase, title: `Go to step ${first + 1}` },
        phase,
      );
      chip.addEventListener("click", () => {
        this.pause();
        this.go(first);
      });
      return chip;
    });
    byId("phases").replaceChildren(...chips);
    const share = (i) => `${((100 * i) / this.steps.length).toFixed(2)}%`;
    const stops = names.map(([phase, first], k) => {
      const end = k + 1 < names.length ? names[k + 1][1] : this.steps.length;
      return `var(--${phase}) ${share(first)} ${share(end)}`;
    });
    byId("slider").style.setProperty("--track", `linear-gradient(to right, ${stops.join(", ")})`);
  }

  lesson() {
    const { title, text: words, parting } = DATA.lesson;
    byId("lesson").hidden = false;
    byId("lesson-title").textContent = title;
    byId("lesson-text").textContent = words;
    byId("parting").hidden = parting === null;
    if (parting === null) return;
    byId("parting").textContent = `The first wrong number: step ${parting + 1}`;
    byId("parting").addEventListener("click", () => {
      this.pause();
      this.go(parting);
    });
  }
}

/** The use of an operand that an edge of the picture is: [node, position]. */
const USE_OF = [];
for (const [use, edge] of EDGE_OF) USE_OF[edge] = use.split(":").map(Number);

/** Whether two gradients are the same but for rounding. */
function same(x, y) {
  return x === y || (x !== x && y !== y) || Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));
}

const page = new Page();

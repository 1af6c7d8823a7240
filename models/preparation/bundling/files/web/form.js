/* The form of one row: a control for each field, made of what the manifest says of it. */

import { element } from "./elements.js";

const MOST_WORDS = 24;

/** `fill` puts a row in, `row` reads it; `changed` is called whenever somebody changes a value. */
export class Form {
  #controls;

  constructor(root, fields, { imputes, changed }) {
    this.#controls = fields.map((field, number) => control(field, `field-${number}`, imputes));
    root.replaceChildren(...this.#controls.map((each) => each.root));
    root.addEventListener("input", changed);
    root.addEventListener("submit", (event) => event.preventDefault());
  }

  fill(row) {
    for (const each of this.#controls) each.write(row[each.name]);
  }

  row() {
    return Object.fromEntries(this.#controls.map((each) => [each.name, each.read()]));
  }
}

function control(field, id, imputes) {
  const kind = field.shape.length ? tensor : { BOOL: tick, BYTES: words }[field.datatype] ?? number;
  const { input, more = [], read, write } = kind(field, imputes);
  input.id = id;
  input.name = field.name;
  const unit = field.unit ? [" ", element("span", { className: "unit" }, field.unit)] : [];
  const root = element("div", { className: "field" },
    element("label", { htmlFor: id }, field.name, ...unit), input, ...more);
  return { name: field.name, root, read, write };
}

function number(field, imputes) {
  const input = element("input", { type: "number", step: field.datatype.startsWith("FP") ? "any" : "1", inputMode: "decimal" });
  const hint = element("p", { className: "hint" });
  const slider = ranged(field) ? sliderOf(field) : null;
  const shown = () => {
    if (slider) slider.value = input.value;
    tell(hint, field, input);
  };
  input.addEventListener("input", shown);
  slider?.addEventListener("input", () => {
    input.value = slider.value;
    tell(hint, field, input);
  });
  return {
    input,
    more: slider ? [slider, hint] : [hint],
    read: () => (input.value.trim() === "" ? missing(field, imputes) : Number(input.value)),
    write: (value) => {
      input.value = value ?? "";
      shown();
    },
  };
}

const ranged = ({ minimum, maximum }) => typeof minimum === "number" && typeof maximum === "number" && minimum < maximum;

function sliderOf(field) {
  const span = field.maximum - field.minimum;
  const step = field.datatype.startsWith("FP") ? 10 ** Math.floor(Math.log10(span) - 1.3) : 1;
  const label = `${field.name}, by a slider`;
  return element("input", { type: "range", min: field.minimum, max: field.maximum, step: Number(step.toPrecision(1)), ariaLabel: label });
}

/** A value beyond the range is answered, but nobody has seen the model there. */
function tell(hint, field, input) {
  const value = Number(input.value);
  const odd = input.value !== "" && ((field.minimum ?? -Infinity) > value || (field.maximum ?? Infinity) < value);
  hint.classList.toggle("odd", odd);
  hint.hidden = !ranged(field);
  hint.textContent = `${odd ? "Outside of what it has seen: " : ""}${field.minimum} to ${field.maximum}`;
}

function missing(field, imputes) {
  if (imputes && field.datatype.startsWith("FP")) return null;
  throw new Error(`${field.name}: a number is wanted`);
}

function tick() {
  const input = element("input", { type: "checkbox" });
  return { input, read: () => input.checked, write: (value) => { input.checked = Boolean(value); } };
}

/** Words that the model has learnt are offered; others may be written. */
function words(field) {
  const input = field.alone ? element("textarea", { rows: 5 }) : element("input", { type: "text" });
  input.autocomplete = "off";
  const buttons = (field.categories ?? []).slice(0, MOST_WORDS).map((word) => element("button", { type: "button" }, word));
  const shown = () => buttons.forEach((each) => { each.ariaPressed = String(each.textContent === input.value); });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      input.value = button.textContent;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  input.addEventListener("input", shown);
  const write = (value) => {
    input.value = value ?? "";
    shown();
  };
  const group = { className: "words", role: "group", ariaLabel: `${field.name}: words that it knows` };
  return { input, more: buttons.length ? [element("div", group, ...buttons)] : [], read: () => input.value, write };
}

function tensor(field) {
  const input = element("textarea", { className: "numbers", rows: 10, spellcheck: false });
  const picture = element("canvas", { className: "preview", hidden: true, role: "img", ariaLabel: `${field.name}, as a picture` });
  const read = () => {
    try {
      return JSON.parse(input.value);
    } catch {
      throw new Error(`${field.name}: this is no JSON`);
    }
  };
  const draw = () => paint(picture, field, input.value);
  input.addEventListener("input", draw);
  const shape = field.shape.map((size) => (size < 0 ? "any" : size)).join(" × ");
  const hint = element("p", { className: "hint" }, `${shape} of ${field.datatype}, as nested lists`);
  const write = (value) => {
    input.value = nested(value);
    draw();
  };
  return { input, more: [picture, hint], read, write };
}

/** JSON with a line for each innermost list. */
function nested(value, indent = "") {
  if (!Array.isArray(value) || !Array.isArray(value[0])) return indent + JSON.stringify(value).replaceAll(",", ", ");
  const inner = value.map((each) => nested(each, `${indent} `));
  return `${indent}[\n${inner.join(",\n")}\n${indent}]`;
}

/** Bytes in two dimensions, or three of colour, are shown as the picture that they are. */
function paint(canvas, field, text) {
  const [height, width, channels = 1] = field.shape;
  canvas.hidden = true;
  if (field.datatype !== "UINT8" || !width || height < 2 || width < 2 || ![1, 3].includes(channels)) return;
  let values;
  try {
    values = JSON.parse(text).flat(Infinity);
  } catch {
    return;
  }
  if (values.length !== height * width * channels) return;
  const pixels = new ImageData(width, height);
  for (let at = 0; at < height * width; at += 1) {
    for (let part = 0; part < 3; part += 1) pixels.data[at * 4 + part] = values[at * channels + (channels === 3 ? part : 0)];
    pixels.data[at * 4 + 3] = 255;
  }
  Object.assign(canvas, { width, height, hidden: false });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

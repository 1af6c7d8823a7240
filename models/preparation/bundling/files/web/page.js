/* The page: loads the model, shows what it answers to the form, and replays its golden examples. */

import { answerOf } from "./answer.js";
import { element } from "./elements.js";
import { Form } from "./form.js";
import { load } from "./model.js";
import { PINS } from "./pins.js";
import { runtime } from "./runtime.js";

const part = (id) => document.getElementById(id);

async function read(name) {
  const answer = await fetch(new URL(name, import.meta.url), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${name} did not come (${answer.status})`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function start() {
  if (!globalThis.crypto?.subtle) throw new Error("A browser checks files only for a page that comes by https, or from localhost");
  const ort = await runtime(read, PINS);
  const model = await load({ read, ort, pins: PINS });
  show(model, ort);
  state("ready", "Checked: the manifest and the model are the published ones, byte for byte.");
}

function state(name, told) {
  document.body.dataset.state = name;
  part("seal").textContent = told;
}

function show(model, ort) {
  const alone = model.fields.length === 1;
  const fields = model.fields.map((field) => ({ ...field, alone }));
  const form = new Form(part("form"), fields, { imputes: model.manifest.imputes, changed: () => ask(model, form) });
  form.fill(model.examples.length ? model.rowOf(model.examples[0]) : blank(model.fields));
  startingPoints(model, form);
  facts(model, ort);
  part("golden-side").hidden = !model.examples.length;
  part("replay").addEventListener("click", () => replay(model));
  document.querySelector("main").hidden = false;
  new IntersectionObserver(([seen]) => { part("peek").hidden = seen.isIntersecting; }).observe(part("answer"));
  ask(model, form);
}

/** The manifest's own example of each feature, and zeros of the right shape. */
function blank(fields) {
  const zeros = ([size, ...rest], zero) => size === undefined ? zero : Array.from({ length: Math.abs(size) }, () => zeros(rest, zero));
  const zero = { BYTES: "", BOOL: false };
  return Object.fromEntries(fields.map((field) => [field.name, field.example ?? zeros(field.shape, zero[field.datatype] ?? 0)]));
}

function startingPoints(model, form) {
  const buttons = model.examples.slice(0, 12).map((example) => element("button", { type: "button", ariaPressed: "false" }, example.name));
  buttons.forEach((button, at) => button.addEventListener("click", () => {
    form.fill(model.rowOf(model.examples[at]));
    for (const each of buttons) each.ariaPressed = String(each === button);
    ask(model, form);
  }));
  part("form").addEventListener("input", () => buttons.forEach((each) => { each.ariaPressed = "false"; }));
  if (buttons.length) buttons[0].ariaPressed = "true"; // the form starts with it
  part("examples").replaceChildren(...buttons);
}

let asked = 0;

/** Only the answer to the last question is shown. */
async function ask(model, form) {
  const mine = asked += 1;
  const before = performance.now();
  let shown;
  let timing = "";
  try {
    shown = answerOf(model.manifest, await model.predict(model.inputsOf(form.row())));
    timing = `Computed here in ${(performance.now() - before).toFixed(1)} ms.`;
  } catch (error) {
    shown = [element("p", { className: "fault" }, error.message)];
  }
  if (mine !== asked) return;
  part("answer").replaceChildren(...shown);
  part("peek").textContent = inShort(part("answer"));
  part("answer").dataset.asked = mine;
  part("timing").textContent = timing;
}

/** For who fills in the form on a phone, where the answer is further down. */
function inShort(answer) {
  const words = answer.querySelector(".headline")?.lastChild.textContent ?? answer.textContent.slice(0, 60);
  const share = answer.querySelector(".share.most")?.textContent;
  return share ? `${words}, ${share}` : words;
}

async function replay(model) {
  part("replay").disabled = true;
  part("replayed").replaceChildren();
  part("verdict").textContent = "Replaying …";
  let passed = 0;
  for (const example of model.examples) {
    const fault = await model.fault(example).catch((error) => error.message);
    passed += fault ? 0 : 1;
    part("replayed").append(replayed(example, fault));
  }
  part("verdict").textContent = `${passed} of ${model.examples.length} pass.`;
  part("replay").disabled = false;
}

function replayed(example, fault) {
  const line = element("li", { className: fault ? "faulty" : "" },
    element("span", {}, example.name), element("span", { className: "word" }, fault ? "fails" : "passes"));
  if (fault) line.append(element("span", { className: "why" }, fault));
  return line;
}

function facts({ manifest }, ort) {
  const told = {
    artifact: `sha256:${PINS.manifest}`,
    estimator: manifest.estimator,
    ...(manifest.training_data_sha256 && { "training data": `sha256:${manifest.training_data_sha256}` }),
    ...(manifest.licence && { licence: manifest.licence }),
    "ONNX Runtime Web": ort.env.versions.web,
    ...Object.fromEntries(Object.entries(manifest.metrics).map(([name, value]) => [name, value.toPrecision(4)])),
  };
  part("facts").replaceChildren(...Object.entries(told).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

start().catch((error) => state("refused", `${error.message}. Nothing was computed.`));

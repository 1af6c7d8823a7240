/* An answer: the label or number in large, what each label got as bars, anything else as it is. */

import { element } from "./elements.js";

/** The elements that show the outputs of one row. */
export function answerOf(manifest, outputs) {
  const parts = manifest.outputs.map((spec) => partOf(manifest, spec, outputs[spec.name]));
  return parts.sort((one, other) => one.order - other.order).map((part) => part.root);
}

function partOf(manifest, spec, { shape, data }) {
  const { labels, task } = manifest;
  if (data.length === 1) return { order: 0, root: headline(spec, data[0]) };
  if (task === "classification" && spec.datatype.startsWith("FP") && shape[1] === labels.length && data.length === labels.length) {
    return { order: 1, root: bars(spec, labels, data) };
  }
  const values = element("pre", { className: "values" }, JSON.stringify(data));
  return { order: 2, root: element("div", {}, element("p", { className: "hint" }, spec.name), values) };
}

function headline(spec, value) {
  const told = typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  const shown = element("p", { className: "headline" }, element("small", {}, spec.name), String(told));
  shown.dataset.output = spec.name;
  shown.dataset.value = JSON.stringify(value);
  return shown;
}

function bars(spec, labels, shares) {
  const most = Math.max(...shares);
  const list = element("ul", { className: "bars", ariaLabel: spec.name });
  list.dataset.output = spec.name;
  labels.forEach((label, at) => list.append(bar(label, shares[at], shares[at] === most)));
  return list;
}

function bar(label, share, isMost) {
  const most = isMost ? " most" : "";
  const fill = element("div", { className: `fill${most}` });
  fill.style.setProperty("--share", Math.min(1, Math.max(0, share)));
  const line = element("li", {},
    element("span", { className: `name${most}` }, label),
    element("div", { className: "track", ariaHidden: "true" }, fill),
    element("span", { className: `share${most}` }, percent(share)));
  line.dataset.label = label;
  line.dataset.value = JSON.stringify(share);
  return line;
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

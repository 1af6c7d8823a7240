/* The evidence curve: how much of what proves harm each metric has come to; and its readings. */

import { brief, clock, element, empty, numbers, percent, picture, svg } from "./elements.js";
import { x, y } from "./scales.js";

const HEIGHT = 280;
const EDGE = { left: 50, right: 12, top: 26, bottom: 24 };
const HIGHEST = 1.5; // shares above are drawn there, and told in the readings
const KINDS = 8; // of lines: colour, dash and marker, told apart without the colour
const FINDINGS = { worse: "Harm proven", fine: "No harm proven", open: "Not sure yet" };
const VERDICTS = {
  roll_back: "Harm is proven.", promote: "All that must be proven harmless is.",
  inconclusive: "Not decided yet: neither harm nor its absence is proven.",
};
const MARKS = [
  (cx, cy) => svg("circle", { cx, cy, r: 3.5 }),
  (cx, cy) => svg("rect", { x: cx - 3.2, y: cy - 3.2, width: 6.4, height: 6.4 }),
  (cx, cy) => svg("path", { d: `M${cx} ${cy - 4.4}l4.2 7.4h-8.4z` }),
  (cx, cy) => svg("path", { d: `M${cx} ${cy - 4.6}l4.6 4.6l-4.6 4.6l-4.6 -4.6z` }),
  (cx, cy) => svg("path", { d: `M${cx} ${cy + 4.4}l4.2 -7.4h-8.4z` }),
  (cx, cy) => svg("path", { d: `M${cx - 4} ${cy}h8M${cx} ${cy - 4}v8` }),
  (cx, cy) => svg("path", { d: `M${cx - 4} ${cy - 4}l8 8M${cx + 4} ${cy - 4}l-8 8` }),
  (cx, cy) => svg("circle", { cx, cy, r: 3.5, class: "hollow" }),
];

const metricsOf = ({ trail, readings: found }) =>
  [...new Set([...found.map((each) => each.metric), ...trail.flatMap((point) => Object.keys(point.shares))])];
const plain = (metric, found) => found.find((each) => each.metric === metric)?.name ?? metric.replaceAll("_", " ");
const proof = (share) => (share === null || share >= 10 ? "over 999 %" : percent(Math.max(0, share)));
const clamped = (share) => Math.min(HIGHEST, Math.max(0, share ?? HIGHEST));

export function evidence({ rollout }, width) {
  if (!rollout) return [];
  if (!rollout.trail.length) return [empty("The judge has not looked yet.")];
  const metrics = metricsOf(rollout);
  const first = rollout.trail[0], last = rollout.trail.at(-1);
  const across = x(new Date(first.at), new Date(last.at), EDGE.left, width - EDGE.right);
  const up = y(Math.max(1.15, ...rollout.trail.flatMap((point) => Object.values(point.shares).map(clamped))), EDGE.top, HEIGHT - EDGE.bottom);
  const lines = metrics.map((metric, index) => line(rollout.trail, metric, index, across, up));
  const name = (metric) => plain(metric, rollout.readings);
  const desc = metrics.map((metric) => `${name(metric)} ${proof(last.shares[metric] ?? 0)}`).join(", ");
  return [
    picture(width, HEIGHT, "Evidence of harm over time", `100 % proves harm. Now: ${desc}.`,
      ...bands(rollout.trail, across), ...grid(first, last, across, up, width), ...lines),
    legend(metrics.map(name)),
    table(rollout.trail, metrics, metrics.map(name)),
  ];
}

function bands(trail, across) {
  const starts = trail.filter((point, index) => index === 0 || point.weight !== trail[index - 1].weight);
  return starts.flatMap((point, index) => {
    const from = across(new Date(point.at));
    const to = across(new Date((starts[index + 1] ?? trail.at(-1)).at));
    const text = to - from > 26 ? [svg("text", { x: from + 4, y: EDGE.top - 10, class: "tick" }, `${point.weight} %`)] : [];
    return [svg("rect", { x: from, y: EDGE.top, width: Math.max(0, to - from), height: HEIGHT - EDGE.top - EDGE.bottom, class: index % 2 ? "band odd" : "band" }), ...text];
  });
}

function grid(first, last, across, up, width) {
  const ticks = [0, 0.5].map((share) => [
    svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: up(share), y2: up(share), class: "grid" }),
    svg("text", { x: EDGE.left - 6, y: up(share) + 4, class: "tick end" }, percent(share)),
  ]);
  const bottom = HEIGHT - 6;
  return [
    ...ticks.flat(),
    svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: up(1), y2: up(1), class: "threshold" }),
    svg("text", { x: EDGE.left - 6, y: up(1) + 4, class: "tick end strong" }, "100 %"),
    svg("text", { x: width - EDGE.right, y: up(1) - 5, class: "tick end strong" }, "harm proven"),
    svg("text", { x: EDGE.left, y: bottom, class: "tick" }, clock(first.at)),
    svg("text", { x: width - EDGE.right, y: bottom, class: "tick end" }, clock(last.at)),
  ];
}

function line(trail, metric, index, across, up) {
  const points = trail.filter((point) => metric in point.shares)
    .map((point) => [across(new Date(point.at)), up(clamped(point.shares[metric]))]);
  const d = points.map(([px, py], at) => `${at ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
  const marks = points.length ? [MARKS[index % KINDS](...points.at(-1))] : [];
  return svg("g", { class: `line line-${index % KINDS}` }, svg("path", { d, class: "stroke" }), ...marks);
}

function sample(index) {
  return svg("svg", { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true", class: `swatch line line-${index % KINDS}` },
    svg("path", { d: "M1 7H33", class: "stroke" }), MARKS[index % KINDS](17, 7));
}

function legend(names) {
  return element("ul", { className: "legend" }, ...names.map((name, index) => element("li", {}, sample(index), name)));
}

function table(trail, metrics, names) {
  const rows = [...trail].reverse().map((point) =>
    [clock(point.at), `${point.weight} %`, ...metrics.map((metric) => proof(point.shares[metric] ?? 0))]);
  return numbers("evidence", "Evidence by time", ["Time", "Weight", ...names], rows);
}

export function readings({ rollout }) {
  if (!rollout) return [];
  if (!rollout.readings.length) return [empty(rollout.verdict_reason || "No readings yet.")];
  const items = rollout.readings.map((each) => element(
    "li", { data: { finding: each.finding } },
    element("div", { className: "reading" },
      element("b", {}, each.name), element("span", { className: "finding" }, found(each))),
    element("p", {}, each.told),
    meter(each.share),
    bounds(each),
  ));
  const verdict = element("p", { className: "verdict" }, VERDICTS[rollout.verdict]);
  return [verdict, element("ul", { className: "readings" }, ...items)];
}

const found = ({ finding, low }) => (finding === "fine" && low !== null ? "Within the margin" : FINDINGS[finding]);

function meter(share) {
  const drawn = svg("svg", { class: "meter", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { width: 100, height: 6, class: "track" }),
    svg("rect", { width: Math.min(100, 100 * (share ?? 1)), height: 6, class: "filled" }));
  return element("div", { className: "metered" }, drawn, `${proof(share)} of proof`);
}

function bounds({ low, high, margin }) {
  if (low === null || high === null) return null;
  const allowed = margin === null ? "" : `; up to ${brief(margin)} is allowed`;
  return element("p", { className: "quiet" }, `Harm is between ${brief(low)} and ${brief(high)}${allowed}.`);
}

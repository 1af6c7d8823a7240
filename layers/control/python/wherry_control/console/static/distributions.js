/* Both releases beside each other: errors over time, latency, and what they answer. */

import { brief, clock, count, element, empty, hatch, numbers, percent, picture, svg, weight } from "./elements.js";
import { swatch } from "./panels.js";
import { rounded, x, y } from "./scales.js";

const HEIGHT = 170;
const EDGE = { left: 46, right: 10, top: 12, bottom: 22 };
const POINTS = 48; // of a line; more minutes are taken together
const LABELS = 10;
const ROW = 46;
const QUANTILES = [0.5, 0.95, 0.99];

export function errors({ rollout }, width) {
  if (!rollout) return [];
  const { stable, candidate } = rollout.charts;
  const buckets = together(stable.minutes, candidate.minutes);
  if (!buckets.length) return [empty("No requests yet.")];
  const share = ({ requests, failed }) => (requests ? failed / requests : null);
  const most = rounded(Math.max(0.01, ...buckets.flatMap((each) => [share(each.stable), share(each.candidate)])));
  const across = x(buckets[0].at, buckets.at(-1).at, EDGE.left, width - EDGE.right);
  const up = y(most, EDGE.top, HEIGHT - EDGE.bottom);
  const drawn = ["stable", "candidate"].map((side) => curve(
    side, buckets.filter((each) => each[side].requests).map((each) => [across(each.at), up(share(each[side]))])));
  return [
    totals(stable, candidate),
    picture(width, HEIGHT, "Share of requests that failed, over time", words(stable, candidate),
      ...axis(width, up, most), ...ends(width, clock(buckets[0].at), clock(buckets.at(-1).at)), ...drawn),
    numbers("errors", "Errors by time", ["Time", "Stable failed", "Candidate failed"], [...buckets].reverse().map((each) =>
      [clock(each.at), of(each.stable), of(each.candidate)])),
  ];
}

const of = ({ requests, failed }) => `${count(failed)} of ${count(requests)}`;

function words(stable, candidate) {
  const side = (name, { totals: { requests, failed } }) => `${name} failed ${failed} of ${requests} requests`;
  return `${side("Stable", stable)}, ${side("candidate", candidate)}.`;
}

function together(stable, candidate) {
  const times = [...new Set([...stable, ...candidate].map((each) => Date.parse(each.at)))].sort((a, b) => a - b);
  const size = Math.ceil(times.length / POINTS);
  const buckets = [];
  for (let from = 0; from < times.length; from += size) {
    const until = times[from + size] ?? Infinity;
    buckets.push({ at: times[from], stable: sum(stable, times[from], until), candidate: sum(candidate, times[from], until) });
  }
  return buckets;
}

function sum(minutes, from, until) {
  const told = { requests: 0, failed: 0 };
  for (const each of minutes) {
    const at = Date.parse(each.at);
    if (at < from || at >= until) continue;
    told.requests += each.requests;
    told.failed += each.failed;
  }
  return told;
}

function curve(side, points) {
  const d = points.map(([px, py], at) => `${at ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
  const last = points.at(-1);
  const mark = !last ? [] : side === "stable"
    ? [svg("circle", { cx: last[0], cy: last[1], r: 4, class: "stable-fill" })]
    : [svg("rect", { x: last[0] - 4, y: last[1] - 4, width: 8, height: 8, class: "candidate-fill" })];
  return svg("g", {}, svg("path", { d, class: `${side}-line` }), ...mark);
}

function totals(...sides) {
  const items = sides.map(({ release, totals: each }, index) => element(
    "li", {}, swatch(index ? "candidate" : "stable"), element("b", {}, percent(each.requests ? each.failed / each.requests : 0)),
    ` of ${count(each.requests)} requests, ${percent(each.requests ? each.slow / each.requests : 0)} slow`,
    element("span", { className: "unseen" }, `, release ${release}`), kinds(each.errors),
  ));
  return element("ul", { className: "legend column" }, ...items);
}

function kinds(found) {
  const told = Object.entries(found).map(([kind, number]) => `${count(number)} ${kind}`).join(", ");
  return told ? element("span", { className: "quiet" }, ` (${told})`) : null;
}

export function latency({ rollout }, width) {
  if (!rollout) return [];
  const found = rollout.charts.latency;
  if (!found.bars.length) return [empty("No requests yet.")];
  const rows = ["stable", "candidate"].map((side) => element(
    "tr", {}, element("th", { scope: "row" }, swatch(side), side),
    ...QUANTILES.map((part) => element("td", { className: "number" }, quantile(found.bars, side, part)))));
  const head = element("tr", {}, element("td", {}), ...QUANTILES.map((part) => element("th", { scope: "col" }, `p${100 * part}`)));
  return [element("table", { className: "quantiles" }, element("thead", {}, head), element("tbody", {}, ...rows)), ...histogram(found, width)];
}

/* The end of the bin that the quantile is in. */
function quantile(bars, side, part) {
  const whole = bars.reduce((total, bar) => total + bar[side], 0);
  let passed = 0;
  for (const bar of bars) {
    passed += bar[side];
    if (whole && passed >= part * whole) return brief(bar.high ?? bar.low);
  }
  return "–";
}

export function outputs({ rollout }, width) {
  if (!rollout) return [];
  const found = rollout.charts.outputs;
  if (!found.length) return [empty("No answers yet.")];
  return found.flatMap((each) => [
    element("h4", {}, each.name), ...(each.numeric ? histogram(each, width) : paired(each, width)),
  ]);
}

function shares({ bars }) {
  const whole = { stable: 0, candidate: 0 };
  for (const bar of bars) for (const side of Object.keys(whole)) whole[side] += bar[side];
  return bars.map((bar) => ({
    name: bar.name, low: bar.low, high: bar.high,
    stable: bar.stable / (whole.stable || 1), candidate: bar.candidate / (whole.candidate || 1),
  }));
}

const table = (found, told, heading) => numbers(
  found.name, `${found.name} of both releases`, [heading, "Stable", "Candidate"],
  told.map((each) => [each.label ?? each.name, percent(each.stable), percent(each.candidate)]));

function histogram(found, width) {
  const unit = found.unit ? ` ${found.unit}` : "";
  const told = shares(found).map((each) => ({ ...each, label: `${brief(each.low)} to ${each.high === null ? "more" : brief(each.high)}${unit}` }));
  const most = rounded(Math.max(...told.flatMap((each) => [each.stable, each.candidate])));
  const up = y(most, EDGE.top, HEIGHT - EDGE.bottom);
  const step = (width - EDGE.left - EDGE.right) / told.length;
  const at = (index) => EDGE.left + index * step;
  const outline = (side) => told.map((each, index) => `${index ? "L" : "M"}${at(index).toFixed(1)} ${up(each[side]).toFixed(1)}H${at(index + 1).toFixed(1)}`).join("");
  const floor = `V${up(0)}H${EDGE.left}Z`;
  const ticks = told.map((each, index) => [index, each]).filter(([index]) => index % Math.ceil(told.length / Math.max(2, Math.floor(width / 70))) === 0);
  return [
    picture(width, HEIGHT, `Distribution of ${found.name}`, "Share of each range, for both releases; the table below holds the numbers.",
      ...axis(width, up, most),
      svg("path", { d: outline("stable") + floor, class: "stable-area" }), svg("path", { d: outline("stable"), class: "stable-line" }),
      svg("path", { d: outline("candidate"), class: "candidate-line" }),
      ...ticks.map(([index, each]) => svg("text", { x: at(index), y: HEIGHT - 6, class: "tick" }, brief(each.low)))),
    table(found, told, unit ? `Range,${unit}` : "Range"),
  ];
}

function paired(found, width) {
  const told = shares(found);
  const top = told.slice(0, LABELS);
  const { defs, fill } = hatch();
  const most = Math.max(...top.flatMap((each) => [each.stable, each.candidate]), 0.01);
  const long = (share) => Math.max(1, (share / most) * (width - 52));
  const rows = top.flatMap((each, index) => {
    const from = index * ROW;
    return [
      svg("text", { x: 0, y: from + 12, class: "tick strong" }, each.name.length > 34 ? `${each.name.slice(0, 33)}…` : each.name),
      svg("rect", { x: 0, y: from + 17, width: long(each.stable), height: 9, rx: 2, class: "stable-fill" }),
      svg("text", { x: long(each.stable) + 6, y: from + 26, class: "tick" }, percent(each.stable)),
      svg("rect", { x: 0.5, y: from + 28.5, width: long(each.candidate), height: 9, rx: 2, fill, class: "candidate-edge" }),
      svg("text", { x: long(each.candidate) + 6, y: from + 38, class: "tick" }, percent(each.candidate)),
    ];
  });
  const desc = top.map((each) => `${each.name}: stable ${percent(each.stable)}, candidate ${percent(each.candidate)}`).join("; ");
  const more = told.length > top.length ? [element("p", { className: "quiet" }, `And ${told.length - top.length} more in the numbers.`)] : [];
  return [picture(width, top.length * ROW, `Answers in ${found.name}`, `${desc}.`, defs, ...rows), ...more, table(found, told, "Answer")];
}

function axis(width, up, most) {
  return [0, most / 2, most].flatMap((value) => [
    svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: up(value), y2: up(value), class: "grid" }),
    svg("text", { x: EDGE.left - 6, y: up(value) + 4, class: "tick end" }, weight(100 * value)),
  ]);
}

function ends(width, first, last) {
  return [
    svg("text", { x: EDGE.left, y: HEIGHT - 6, class: "tick" }, first),
    svg("text", { x: width - EDGE.right, y: HEIGHT - 6, class: "tick end" }, last),
  ];
}

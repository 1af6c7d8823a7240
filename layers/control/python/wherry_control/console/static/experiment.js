/* The report of an experiment: who was in it, whether the split holds, and what it shows. */

import { brief, count, element, numbers, percent, picture, svg } from "./elements.js";
import { table } from "./panels.js";

const ROW = 44;
const TOP = 8;
const BOTTOM = 20;

export function experiment({ experiment: told }, width) {
  if (!told) return [];
  return [
    element("p", { className: "quiet" }, `${told.experiment}; the control is ${told.control}.`),
    ...told.verdict.map((text, index) => element("p", { className: index ? "" : "verdict" }, text)),
    arms(told),
    element("p", { className: told.split.wrong ? "missing" : "quiet" }, told.split.told),
    ...told.metrics.flatMap((metric) => measured(metric, told, width)),
    ...told.notes.map((text) => element("p", { className: "quiet" }, text)),
  ];
}

function arms({ arms: found }) {
  const rows = found.map((arm) => element(
    "tr", {}, element("th", { scope: "row" }, arm.name),
    ...[`${percent(arm.seen)} of ${percent(arm.share)}`, count(arm.subjects), count(arm.predictions)]
      .map((text) => element("td", { className: "number" }, text)),
  ));
  return table(["Arm", "Share", "Subjects", "Asked"], rows);
}

function measured(metric, { control, arms: all }, width) {
  const known = metric.comparisons.filter((each) => each.interval);
  const say = metric.shares ? percent : brief;
  const means = all.map(({ name }) => `${name} ${metric.means[name] === null ? "–" : say(metric.means[name])}`).join(", ");
  return [
    element("h4", {}, metric.name),
    element("p", { className: "quiet" }, `Mean: ${means}. ${metric.better === "lower" ? "Lower" : "Higher"} is better.`),
    ...metric.comparisons.map((each) => element("p", {}, each.told)),
    ...(known.length ? [intervals(metric.name, known, control, say, width), rows(metric.name, known, say)] : []),
  ];
}

/* Each arm's difference from the control, with its bounds; the line in the middle is no difference. */
function intervals(name, known, control, say, width) {
  const height = TOP + known.length * ROW + BOTTOM;
  const most = 1.15 * Math.max(...known.flatMap(({ interval: { low, high } }) => [Math.abs(low), Math.abs(high)]));
  const across = (value) => width / 2 + (value / most) * (width / 2 - 6);
  const drawn = known.flatMap(({ arm, interval: { low, high, difference } }, index) => {
    const middle = TOP + index * ROW + 28;
    const words = `${arm}: ${say(difference)}, from ${say(low)} to ${say(high)}`;
    return [
      svg("line", { x1: width / 2, x2: width / 2, y1: middle - 9, y2: middle + 9, class: "zero" }),
      svg("text", { x: 0, y: middle - 14, class: "tick strong" }, words),
      svg("path", { d: `M${across(low)} ${middle}H${across(high)}M${across(low)} ${middle - 5}v10M${across(high)} ${middle - 5}v10`, class: "interval" }),
      svg("rect", { x: across(difference) - 4, y: middle - 4, width: 8, height: 8, class: "candidate-fill" }),
    ];
  });
  const desc = known.map(({ told }) => told).join(" ");
  return picture(width, height, `Difference in ${name} from ${control}`, desc,
    svg("text", { x: width / 2, y: height - 6, class: "tick middle" }, `same as ${control}`), ...drawn);
}

const rows = (name, known, say) => numbers(
  `experiment-${name}`, `Differences in ${name}`, ["Arm", "Difference", "At least", "At most"],
  known.map(({ arm, interval: { low, high, difference } }) => [arm, say(difference), say(low), say(high)]));

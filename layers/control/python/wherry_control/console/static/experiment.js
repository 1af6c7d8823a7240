/* The report of an experiment: who was in it, whether the split holds, and what it shows. */

import { brief, count, element, numbers, percent, picture, svg } from "./elements.js";
import { fault } from "./faults.js";
import { table } from "./panels.js";

const ROW = 44;
const TOP = 8;
const BOTTOM = 20;
const SURE = 100; // percent

export function experiment({ experiment: { report: told, error } }, width) {
  if (error) return [fault(error)];
  if (!told) return [];
  const better = told.better === "lower" ? "less" : "more";
  const known = told.comparisons.filter((each) => each.interval);
  return [
    element("p", { className: "quiet" }, `${told.experiment}, by ${told.metric}, of which ${better} is better.`),
    ...told.verdict.map((text) => element("p", { className: told.split.wrong ? "missing" : "verdict" }, text)),
    arms(told),
    ...(known.length ? [intervals(told, known, width), rows(told, known)] : []),
    ...(told.split.wrong ? [] : [element("p", { className: "quiet" }, told.split.told)]),
    ...told.notes.map((text) => element("p", { className: "quiet" }, text)),
  ];
}

const mean = (told, value) => (value === null ? "–" : told.is_share ? percent(value) : brief(value));
const points = (told, value) => brief(told.is_share ? SURE * value : value);
const unit = (told) => (told.is_share ? " points" : "");

function arms(told) {
  const rows_ = told.arms.map((arm) => element(
    "tr", {}, element("th", { scope: "row" }, arm.name),
    ...[`${percent(arm.seen)} of ${percent(arm.share)}`, count(arm.subjects), mean(told, arm.mean)]
      .map((text) => element("td", { className: "number" }, text)),
  ));
  return table(["Arm", "Share", "Subjects", "Mean"], rows_);
}

/* Each arm's difference from the control, with its bounds; the line in the middle is no difference. */
function intervals(told, known, width) {
  const height = TOP + known.length * ROW + BOTTOM;
  const most = 1.15 * Math.max(...known.flatMap(({ interval: { low, high } }) => [Math.abs(low), Math.abs(high)]));
  const across = (value) => width / 2 + (value / most) * (width / 2 - 6);
  const drawn = known.flatMap(({ arm, interval: { low, high, difference } }, index) => {
    const middle = TOP + index * ROW + 28;
    const words = `${arm}: ${points(told, low)} to ${points(told, high)}${unit(told)}`;
    return [
      svg("line", { x1: width / 2, x2: width / 2, y1: middle - 8, y2: middle + 8, class: "zero" }),
      svg("text", { x: 0, y: middle - 14, class: "tick strong" }, words),
      svg("path", { d: `M${across(low)} ${middle}H${across(high)}M${across(low)} ${middle - 5}v10M${across(high)} ${middle - 5}v10`, class: "interval" }),
      svg("rect", { x: across(difference) - 4, y: middle - 4, width: 8, height: 8, class: "candidate-fill" }),
    ];
  });
  const desc = known.map((each) => each.told).join(" ");
  return picture(width, height, `Difference in ${told.metric} from ${told.control}`, desc, ...drawn,
    svg("text", { x: width / 2, y: height - 6, class: "tick middle" }, `same as ${told.control}`));
}

function rows(told, known) {
  const cells = ({ arm, interval: { low, high, difference } }) => [arm, ...[difference, low, high].map((each) => points(told, each))];
  return numbers("experiment", `Differences in ${told.metric}${told.is_share ? ", in points" : ""}`,
    ["Arm", "Difference", "At least", "At most"], known.map(cells));
}

/* What is told in words, bars and tables: the phase, where traffic goes, releases and history. */

import { element, empty, hatch, picture, span, svg, time, weight } from "./elements.js";

const ENDS = { promoted: "Promoted", rolled_back: "Rolled back" };
const RELEASES_SHOWN = 6;
const HISTORY_SHOWN = 8;
const SHORT = "sha256:".length + 12;
const BAR = 26;

/* One line: it is the title of the tab, and it is said aloud when it changes. */
export function headline({ rollout, live }) {
  if (!rollout) return "no rollout yet";
  if (rollout.ended) return `${ENDS[rollout.phase].toLowerCase()}, release ${live.stable} has all traffic`;
  const paused = rollout.paused ? ", paused" : "";
  if (rollout.phase === "preflight") return `preflight of release ${rollout.candidate}${paused}`;
  const where = `${weight(live.candidate ? live.weight : 0)} to release ${rollout.candidate}`;
  if (rollout.phase === "held") return `held, ${where}`;
  return `step ${rollout.step + 1} of ${rollout.steps.length}, ${where}${paused}`;
}

export function phase({ rollout, live }) {
  if (!rollout) return [pill("none", "No rollout yet")];
  const kind = rollout.ended ? rollout.phase : rollout.paused ? "paused" : rollout.phase;
  const words = {
    ...ENDS, paused: "Paused", held: "Held", preflight: "Preflight",
    step: `Step ${rollout.step + 1} of ${rollout.steps.length} · ${weight(live.candidate ? live.weight : 0)}`,
  };
  return [pill(kind, words[kind])];
}

const pill = (kind, text) => element("span", { className: "pill", data: { kind } }, text);

export function why({ rollout }) {
  if (!rollout) return [element("p", {}, "All live traffic goes to the stable release. Nothing is being tried.")];
  const told = rollout.reason ? [element("p", { className: "reason" }, rollout.reason)] : [];
  if (rollout.missing.length && !rollout.ended) told.push(missing(rollout.missing));
  if (rollout.idle) told.push(idle(rollout.idle));
  return [...told, element("p", { className: "quiet" }, ...times(rollout))];
}

function missing(sources) {
  return element(
    "p", { className: "missing" }, element("b", {}, "Evidence is missing, so nothing is promoted: "), sources.join("; "),
  );
}

function idle(since) {
  return element(
    "p", { className: "missing" }, element("b", {}, "Nobody has ticked it since ", time(since)),
    ", so nothing is decided, and no deadline holds. Resume lets it go on.",
  );
}

function times({ stable, candidate, started, since, until, ended, moving }) {
  const parts = [`Release ${candidate} against ${stable}, begun `, time(started, true)];
  if (ended) return [...parts, ", ended ", time(since, true), "."];
  parts.push(`; in this step for ${span(since, Date.now())}, since `, time(since));
  if (until) parts.push("; given up at ", time(until, true), " if it has not ended");
  return [...parts, moving ? ". The alias is being moved." : "."];
}

export function traffic({ live, rollout }, width) {
  const share = live.candidate ? live.weight : 0;
  const words = [`Release ${live.stable} has ${weight(100 - share)}`];
  if (live.candidate) words.push(`candidate ${live.candidate} has ${weight(share)}`);
  return [
    bar(live, share, width, `${words.join(", ")} of the live traffic.`),
    element("ul", { className: "legend" }, ...legend(live, share)),
    rollout && rollout.steps.length ? ladder(rollout) : "",
  ];
}

function bar(live, share, width, words) {
  const { defs, fill } = hatch();
  const part = share ? Math.max(5, (width * share) / 100) : 0;
  const gap = part && part < width ? 2 : 0;
  const drawn = [svg("rect", { x: 0, y: 0, width: Math.max(0, width - part - gap), height: BAR, rx: 5, class: "stable-fill" })];
  if (part) drawn.push(svg("rect", { x: width - part, y: 0, width: part, height: BAR, rx: Math.min(5, part / 2), fill, class: "candidate-edge" }));
  return picture(width, BAR, "Where traffic goes", words, defs, ...drawn);
}

function legend(live, share) {
  const items = [[`stable, release ${live.stable}`, 100 - share, "stable"]];
  if (live.candidate) items.push([`candidate, release ${live.candidate}`, share, "candidate"]);
  return items.map(([text, value, kind]) =>
    element("li", {}, swatch(kind), element("b", {}, weight(value)), ` ${text}`));
}

export function swatch(kind) {
  const { defs, fill } = hatch();
  const shape = kind === "stable"
    ? svg("circle", { cx: 7, cy: 7, r: 6, class: "stable-fill" })
    : svg("rect", { x: 1.5, y: 1.5, width: 11, height: 11, fill, class: "candidate-edge" });
  return svg("svg", { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true", class: "swatch" }, defs, shape);
}

function ladder({ steps, step, phase: now, ended }) {
  const places = ["preflight", ...steps.map((each) => weight(each.weight)), "promoted"];
  const reached = now === "preflight" ? 0 : now === "promoted" ? places.length - 1 : step + 1;
  const items = places.map((text, index) => {
    const here = index === reached;
    const kind = index < reached || now === "promoted" ? "done" : here ? (now === "rolled_back" ? "back" : "here") : "ahead";
    const item = element("li", { data: { kind } }, text);
    if (here && !ended) item.setAttribute("aria-current", "step");
    const unseen = { done: "passed: ", back: "rolled back at: ", here: "now: ", ahead: "" }[kind];
    item.prepend(element("span", { className: "unseen" }, unseen));
    return item;
  });
  return element("ol", { className: "ladder", aria: { label: "Steps of the rollout" } }, ...items);
}

export function releases({ releases: all }) {
  const row = (each) => element(
    "tr", {},
    element("th", { scope: "row" }, each.release, each.role ? element("span", { className: `role ${each.role}` }, each.role) : ""),
    element("td", {}, each.model_version === null ? "–" : String(each.model_version),
      element("code", { title: each.digest }, each.digest.slice(0, SHORT).replace("sha256:", ""))),
    element("td", {}, time(each.published_at, true)),
    element("td", { className: "number" }, each.share ? weight(each.share) : "–"),
  );
  return listed("releases", "All releases", ["Release", "Model version", "Published", "Traffic"], all.map(row), RELEASES_SHOWN);
}

export function history({ history: entries }) {
  const row = (each) => element(
    "tr", {},
    element("td", {}, time(each.at, true)),
    element("th", { scope: "row" }, each.action.replaceAll("_", " ")),
    element("td", {}, each.after, each.reason ? element("span", { className: "quiet line-of-its-own" }, each.reason) : ""),
  );
  return listed("history", "Older entries", ["When", "What", "Traffic after"], entries.map(row), HISTORY_SHOWN);
}

/* The first rows; the rest on demand. */
function listed(key, more, heads, rows, most) {
  if (!rows.length) return [empty("Nothing yet.")];
  const told = [table(heads, rows.slice(0, most))];
  if (rows.length > most) {
    const rest = table(heads, rows.slice(most));
    told.push(element("details", { data: { key } }, element("summary", {}, `${more} (${rows.length - most} more)`), rest));
  }
  return told;
}

export function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}

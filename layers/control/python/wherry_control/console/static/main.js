/* Looks every two seconds while it is seen, and redraws only what has changed: what is open stays
   open, and the focus stays where it is. */

import * as api from "./api.js";
import { buttons } from "./confirm.js";
import { errors, latency, outputs } from "./distributions.js";
import { byId, clockSeconds, element } from "./elements.js";
import { evidence, readings } from "./evidence.js";
import { experiment } from "./experiment.js";
import { fault } from "./faults.js";
import { headline, history, phase, releases, traffic, why } from "./panels.js";

const EVERY = 2000; // ms
const charts = (view) => view.rollout?.charts;
const PANELS = {
  phase: [phase, (view) => [view.rollout, view.live]],
  buttons: [(view) => buttons(view, soon), (view) => [view.model, view.actions]],
  why: [why, (view) => [view.rollout, minute()]],
  traffic: [traffic, (view) => [view.live, view.rollout]],
  evidence: [evidence, (view) => [view.rollout?.trail, view.rollout?.readings]],
  readings: [readings, (view) => [view.rollout?.readings, view.rollout?.verdict]],
  errors: [errors, charts],
  latency: [latency, charts],
  outputs: [outputs, charts],
  experiment: [experiment, (view) => view.experiment],
  releases: [releases, (view) => view.releases],
  history: [history, (view) => view.history],
};
const drawn = new Map();
let names = [], seen = null, answered = null, timer = 0, turn = 0;

const minute = () => Math.floor(Date.now() / 60000);

function chosen() {
  const wanted = location.hash.startsWith("#/") ? decodeURIComponent(location.hash.slice(2)) : seen?.model;
  return names.includes(wanted) ? wanted : names[0];
}

async function look() {
  const mine = (turn += 1);
  clearTimeout(timer);
  try {
    const told = await api.models();
    names = told.models;
    listed(told);
    const view = chosen() ? await api.view(chosen()) : null;
    if (mine !== turn) return; // another model was asked for meanwhile
    answered = Date.now();
    shown(view);
    state("live", "Live");
    byId("fault").replaceChildren();
  } catch (error) {
    if (!(error instanceof api.Fault)) throw error;
    if (mine === turn) failed(error);
  } finally {
    if (mine === turn && !document.hidden) timer = setTimeout(look, EVERY);
  }
}

function failed(error) {
  if (error.gone && answered) state("stale", `Stale since ${clockSeconds(answered)}: the console does not answer.`);
  else state("failed", error.gone ? "No answer" : "Could not be read");
  byId("model").hidden = seen?.model !== chosen(); // of another model than what is seen, nothing is
  once("fault", byId("fault"), [error.where, error.what, error.todo], () => [fault(error)]);
}

function state(name, text) {
  document.body.dataset.state = name;
  if (byId("fresh").textContent !== text) byId("fresh").textContent = text;
  if (name === "live") drawn.delete("fault");
}

function listed({ place, models }) {
  byId("place").textContent = place;
  const now = chosen();
  once("models", byId("models"), [models, now], () => models.map((name) => {
    const link = element("a", { href: `#/${encodeURIComponent(name)}`, data: { key: name } }, name);
    if (name === now) link.setAttribute("aria-current", "page");
    return element("li", {}, link);
  }));
}

function shown(view) {
  byId("model").hidden = !view;
  if (!view) return;
  const same = seen?.model === view.model;
  if (!same) for (const id of Object.keys(PANELS)) drawn.delete(id);
  byId("name").textContent = view.model;
  document.title = `${view.model}: ${headline(view)} · Wherry console`;
  told(same ? seen : null, view);
  seen = view;
  for (const [id, [draw, slice]] of Object.entries(PANELS)) panel(id, draw, slice(view), view);
}

function panel(id, draw, slice, view) {
  const whole = byId(id);
  const body = whole.querySelector(":scope > .body") ?? whole;
  once(id, body, slice, () => {
    whole.hidden = false; // a hidden one has no width
    const parts = draw(view, Math.floor(body.clientWidth));
    whole.hidden = parts.length === 0;
    return parts;
  });
}

/* Replace what is there only if what it is made of has changed. */
function once(id, place, slice, make) {
  const made = JSON.stringify(slice) ?? "";
  if (drawn.get(id) === made) return;
  drawn.set(id, made);
  const open = [...place.querySelectorAll("details[open]")].map((each) => each.dataset.key);
  const held = place.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key ?? "" : null;
  place.replaceChildren(...make());
  for (const key of open) place.querySelector(`details[data-key="${CSS.escape(key)}"]`)?.setAttribute("open", "");
  if (held === null) return;
  const again = place.querySelector(`[data-key="${CSS.escape(held)}"]`);
  (again?.tagName === "DETAILS" ? again.firstElementChild : again ?? byId("name")).focus();
}

/* A change of phase, step or pause is said aloud; a number that moves is not. */
function told(before, view) {
  const now = `${view.model}: ${headline(view)}`;
  if (before && now !== `${before.model}: ${headline(before)}`) byId("announce").textContent = now;
}

function soon() {
  look();
}

function redraw() {
  for (const id of Object.keys(PANELS)) drawn.delete(id);
  if (seen && !byId("model").hidden) shown(seen); // to hide it moves the width, too
}

let width = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (width && width !== contentRect.width) requestAnimationFrame(redraw);
  width = contentRect.width;
}).observe(byId("main"));
addEventListener("hashchange", look);
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));

api.takeToken();
look();

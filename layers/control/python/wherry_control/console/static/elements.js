/* Elements by hand: properties, attributes and children. Text goes in as text, so that nothing in a
   model's name or in an answer is ever read as HTML. */

const SVG = "http://www.w3.org/2000/svg";
let made = 0;

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const { data = {}, aria = {}, ...own } = properties;
  const node = Object.assign(document.createElement(name), own);
  for (const [key, value] of Object.entries(data)) node.dataset[key] = value;
  for (const [key, value] of Object.entries(aria)) node.setAttribute(key === "role" ? key : `aria-${key}`, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/* A picture that a screen reader names and describes. */
export function picture(width, height, title, desc, ...children) {
  const id = `picture-${(made += 1)}`;
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": `${id}-t ${id}-d` },
    svg("title", { id: `${id}-t` }, title),
    svg("desc", { id: `${id}-d` }, desc),
    ...children,
  );
}

/* Diagonal lines for what is the candidate's, beside its colour. */
export function hatch() {
  const id = `hatch-${(made += 1)}`;
  const pattern = svg(
    "pattern",
    { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 6, height: 6, class: "hatch-ground" }),
    svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "hatch-line" }),
  );
  return { defs: svg("defs", {}, pattern), fill: `url(#${id})` };
}

/* The numbers behind a picture, for whoever would rather read them. */
export function numbers(key, caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", {}, cell))));
  const table = element(
    "table", {}, element("caption", { className: "unseen" }, caption),
    element("thead", {}, head), element("tbody", {}, ...body),
  );
  const box = element("div", { className: "scroll", tabIndex: 0, aria: { role: "region", label: caption } }, table);
  return element("details", { data: { key } }, element("summary", {}, "The numbers"), box);
}

export const empty = (text) => element("p", { className: "empty" }, text);

export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const value = 100 * share;
  return `${value.toFixed(value !== 0 && Math.abs(value) < 10 ? 1 : 0)} %`.replace("-", "−");
}

export const weight = (value) => `${Number(value.toFixed(2))} %`;
export const count = (value) => value.toLocaleString("en");
export const brief = (value) => (value === null ? "–" : String(Number(value.toPrecision(3))).replace("-", "−"));

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
export const clock = (at) => CLOCK.format(new Date(at));
export const clockSeconds = (at) => SECONDS.format(new Date(at));

export function time(at, long = false) {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return element("span", {}, at || "–");
  return element("time", { dateTime: when.toISOString(), title: when.toISOString() }, (long ? DAY : CLOCK).format(when));
}

export function span(from, to) {
  const minutes = Math.max(0, Math.round((new Date(to) - new Date(from)) / 60000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`;
}

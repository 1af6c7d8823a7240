/* What the tests ask of the page itself: see console_checks.py. */

function unnamed() {
  const shown = (each) => each.checkVisibility();
  const name = (each) => (each.getAttribute("aria-label")
    ?? each.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent).join(" ")
    ?? each.textContent).trim();
  const wrong = [];
  const check = (selector, right, what) => {
    for (const each of document.querySelectorAll(selector))
      if (shown(each) && !right(each)) wrong.push(`${what}: ${each.outerHTML.slice(0, 120)}`);
  };
  check("button, a[href], summary, [role=region], [role=group], nav, section, dialog", name, "no name");
  check("svg:not([aria-hidden=true])", (each) => each.querySelector("title")?.textContent
    && each.querySelector("desc")?.textContent, "a picture without words");
  check("svg[role=img]", (each) => each.closest("section")?.querySelector("details table")
    || each.closest("#traffic"), "a picture without its numbers");
  check("img", (each) => each.hasAttribute("alt"), "an image without alt");
  check("th", (each) => ["col", "row"].includes(each.scope), "a heading of nothing");
  check("[tabindex]", (each) => each.tabIndex <= 0, "an order of its own");
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`);
  let before = 0;
  for (const each of document.querySelectorAll("h1, h2, h3, h4")) {
    if (!shown(each)) continue;
    const level = Number(each.tagName[1]);
    if (level > before + 1) wrong.push(`a level is left out before ${each.textContent}`);
    before = level;
  }
  for (const mark of ["main", "nav", "header"])
    if (document.querySelectorAll(mark).length !== 1) wrong.push(`landmark ${mark}`);
  if (!document.documentElement.lang || !document.title) wrong.push("no language or title");
  return wrong;
}

function dim(least) {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const told = parts(getComputedStyle(at).backgroundColor);
      if (told.length === 3 || told[3] > 0) return told;
    }
    return [255, 255, 255];
  };
  const dim = [];
  let seen = 0;
  for (const each of document.querySelectorAll("body *")) {
    const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !each.checkVisibility() || each.closest(".unseen, .skip, script, title, desc")) continue;
    const style = getComputedStyle(each);
    const ink = light(parts(each.namespaceURI.endsWith("svg") ? style.fill : style.color));
    const paper = light(ground(each));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    seen += 1;
    if (ratio < least) dim.push(`${ratio.toFixed(2)}: ${each.tagName} ${each.textContent.slice(0, 40)}`);
  }
  return { dim, seen };
}

function tooWide() {
  const most = document.documentElement.clientWidth;
  const over = [...document.querySelectorAll("body *")].filter((each) =>
    !each.closest(".unseen, .skip, .scroll") && each.getBoundingClientRect().right > most + 0.5);
  return { scroll: document.documentElement.scrollWidth - most, over: over.map((each) => each.outerHTML.slice(0, 90)) };
}

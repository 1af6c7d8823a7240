/* An error, told in its parts: where, what, and what to do. */

import { element } from "./elements.js";

export function fault({ where, what, todo }) {
  return element(
    "div", { className: "fault" },
    element("p", {}, where ? element("b", {}, `${where}: `) : null, what),
    todo ? element("p", {}, `→ ${todo}`) : null,
  );
}

/* The buttons of a model. Each says what it would do, of which model, before it is done. */

import { act } from "./api.js";
import { byId, element } from "./elements.js";
import { fault } from "./faults.js";

export function buttons(view, done) {
  return view.actions.map((action) => {
    const button = element(
      "button",
      { type: "button", data: { key: action.name, kind: action.name } },
      action.label,
    );
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => ask(view.model, action, done));
    return button;
  });
}

function ask(model, action, done) {
  const dialog = byId("confirm");
  const [yes, no] = [byId("confirm-yes"), byId("confirm-no")];
  byId("confirm-title").textContent = `${action.label}: ${model}?`;
  byId("confirm-words").textContent = action.consequence;
  byId("confirm-fault").replaceChildren();
  yes.textContent = action.label;
  yes.dataset.kind = action.name;
  yes.disabled = false;
  no.onclick = () => dialog.close();
  yes.onclick = async () => {
    yes.disabled = true;
    try {
      await act(model, action.name, action.consequence);
      dialog.close();
    } catch (error) {
      byId("confirm-fault").replaceChildren(fault(error));
      no.focus();
    }
    done();
  };
  dialog.showModal();
  no.focus(); // a second Enter by accident does nothing
}

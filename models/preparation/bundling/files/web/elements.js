/* Elements by hand: properties and children. Text goes in as text, so that nothing in a model's name
   or in an answer is ever read as HTML. */

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

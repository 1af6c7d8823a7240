/* The console's own API. The token came in the address: it is kept for this origin, taken out of the
   address, and sent as a header, which no other page can do. */

const KEY = "wherry-token";
const PATIENCE = 20000; // ms: AWS may be slow
const kept = new Map(); // what was answered last, by path: its ETag and its document

export function takeToken() {
  const given = new URLSearchParams(location.search).get("token");
  if (!given) return;
  localStorage.setItem(KEY, given);
  history.replaceState(null, "", location.pathname + location.hash);
}

/* What the server said, in its parts; or that it said nothing, with `gone`. */
export class Fault extends Error {
  constructor({ where = "", what, todo = "" }, gone = false) {
    super(what);
    Object.assign(this, { where, what, todo, gone });
  }
}

export const models = () => read("/api/models");
export const view = (model) => read(`/api/models/${encodeURIComponent(model)}`);

/* `consequence` is what was confirmed: if it is another one by now, nothing is done. */
export async function act(model, action, consequence) {
  const headers = { "x-wherry-confirmed": encodeURIComponent(consequence) };
  await asked(`/api/models/${encodeURIComponent(model)}/${action}`, { method: "POST", headers });
}

async function read(path) {
  const before = kept.get(path);
  const reply = await asked(path, { headers: before ? { "if-none-match": before.etag } : {} });
  if (reply.status === 304) return before.told;
  const told = await reply.json();
  kept.set(path, { etag: reply.headers.get("etag"), told });
  return told;
}

async function asked(path, { method = "GET", headers = {} }) {
  const token = localStorage.getItem(KEY) ?? "";
  let reply;
  try {
    reply = await fetch(path, {
      method, cache: "no-store", signal: AbortSignal.timeout(PATIENCE), headers: { ...headers, "x-wherry-token": token },
    });
  } catch {
    throw new Fault({ what: "The console does not answer.", todo: "Is `wherry console` still running?" }, true);
  }
  if (reply.ok || reply.status === 304) return reply;
  const told = await reply.json().catch(() => ({}));
  throw new Fault(told.error ?? { what: `The console answered ${reply.status}.` });
}

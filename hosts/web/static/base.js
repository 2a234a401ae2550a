// What both pages share: elements, questions to the server, what is said to the person, and keys.

export const $ = (id) => document.getElementById(id);

/** An element with attributes and children; `onclick` and the like are listeners, true and false set or leave out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Ask the server; throws an Error whose message can be shown. */
export async function ask(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch {
    throw new Error("The server does not answer. Is genlock review still running in the terminal?");
  }
  if (reply.status === 401) throw new Error("This page is not let in any more. Open the newest link from the terminal.");
  const body = await reply.json().catch(() => ({ error: `The server failed (${reply.status}).`, next: "look at the terminal" }));
  if (!reply.ok) throw new Error(body.next ? `${body.error}; ${body.next}` : body.error);
  return body;
}

export const post = (path, body) =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** "1 run", "2 runs". */
export const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Tell the person; `wrong` marks it as something that did not work. */
export function say(text, wrong = false) {
  $("said").textContent = text;
  $("said").classList.toggle("wrong", wrong);
}

/** Run something that may fail, and say so. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message, true);
    return null;
  }
}

/** Ask for the state again and again, slowly while nobody looks. */
export function poll(path, every_ms, heard) {
  let last = "";
  async function turn() {
    try {
      const state = await ask(path);
      const text = JSON.stringify(state);
      if (text !== last) heard(state);
      last = text;
      if ($("said").dataset.lost) { say(""); delete $("said").dataset.lost; }
    } catch (error) {
      say(error.message, true);
      $("said").dataset.lost = "yes";
    }
    setTimeout(turn, document.hidden ? every_ms * 8 : every_ms);
  }
  return turn();
}

/** Bring an item of a list into sight. scrollIntoView() would also make Tab begin there, wherever the person is. */
export function reveal(item, box) {
  const [inner, outer] = [item.getBoundingClientRect(), box.getBoundingClientRect()];
  const margin = 12;
  box.scrollLeft += Math.min(0, inner.left - outer.left - margin) + Math.max(0, inner.right - outer.right + margin);
  box.scrollTop += Math.min(0, inner.top - outer.top - margin) + Math.max(0, inner.bottom - outer.bottom + margin);
}

const bound = [];

/** A key with what it does. `when` says whether it counts now. Keys are named as KeyboardEvent.key, with Shift+ before them. */
export function bind(names, does, run, when = () => true) {
  bound.push({ names: [names].flat(), does, run, when });
}

const TYPED = ["text", "search", "number"];

function heldByFocus(target, key) {
  if (target.tagName === "TEXTAREA" || (target.tagName === "INPUT" && TYPED.includes(target.type))) return true;
  if (target.tagName === "INPUT" && target.type === "range") return key.startsWith("Arrow") || key === "Home" || key === "End";
  if (["BUTTON", "INPUT", "A", "SUMMARY"].includes(target.tagName)) return key === " " || key === "Enter";
  return false;
}

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target !== document.body) return void event.target.blur();
    if (heldByFocus(event.target, event.key)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const name = event.shiftKey && event.key.length > 1 ? `Shift+${key}` : key;
    const found = bound.find((one) => one.names.includes(name) && one.when());
    if (!found) return;
    event.preventDefault();
    found.run(event, name);
  });
  const dialog = $("keys");
  $("help").addEventListener("click", () => showKeys(dialog));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc" };
const shown = (name) => name.split("+").map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join("+") || "+";

export function showKeys(dialog = $("keys")) {
  const rows = bound.filter((one) => one.does).map(({ names, does }) => {
    const few = names.length > 4 ? [names[0], "–", names.at(-1)] : names;
    return make("tr", {}, make("th", { scope: "row" }, ...few.flatMap((name) => [name === "–" ? "–" : make("kbd", {}, shown(name)), " "])), make("td", {}, does));
  });
  dialog.replaceChildren(make("h2", {}, "Keys"), make("table", {}, make("tbody", {}, ...rows)), make("form", { method: "dialog" }, make("button", { autofocus: true }, "Close ", make("kbd", {}, "Esc"))));
  dialog.showModal();
}

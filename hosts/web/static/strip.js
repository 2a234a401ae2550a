// The filmstrip: one button a keyframe, flagged ones first.

import { make, reveal } from "./base.js";

const MARKS = { pick: ["✓", "picked"], redo: ["↻", "to be painted again"], drop: ["✕", "dropped"], "": ["", "not decided"] };

/** Flagged groups first, each part in order of time. */
export function ordered(groups) {
  return [...groups.filter((group) => group.flagged), ...groups.filter((group) => !group.flagged)];
}

/** In words, for the button and for whoever cannot see it. */
export function described(group) {
  const painted = group.jobs.filter((job) => job.state === "done").length;
  const parts = [`Frame ${group.keyframe}`, group.said.again || MARKS[group.said.action][1], `${painted} of ${group.jobs.length} painted`];
  if (group.flagged) parts.splice(1, 0, `flagged: ${group.flag || "look at it"}`);
  if (group.said.note) parts.push(`note: ${group.said.note}`);
  return parts.join(", ");
}

export function drawStrip(list, groups, current, go) {
  const held = list.contains(document.activeElement);
  const old = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = ordered(groups).map((group) => {
    const text = JSON.stringify([group.said, group.flagged, group.flag, group.jobs.map((job) => job.state)]);
    const kept = old.get(String(group.keyframe));
    if (kept && kept.dataset.text === text) return kept;
    const thumb = make("img", { src: `/picture/src/${group.keyframe}?size=thumb`, alt: "", loading: "lazy", draggable: "false" });
    const mark = make("span", { class: `mark ${group.said.action || "open"}` }, MARKS[group.said.action][0]);
    const number = make("span", { class: "number" }, group.flagged ? make("span", { class: "flagged" }, "⚑ ") : "", String(group.keyframe), group.said.note ? " ✎" : "");
    const button = make("button", { "aria-label": described(group), title: described(group), onclick: () => go(group.keyframe) }, thumb, number, mark);
    const item = make("li", {}, button);
    item.dataset.key = group.keyframe;
    item.dataset.text = text;
    return item;
  });
  if (items.length !== list.children.length || items.some((item, at) => item !== list.children[at])) list.replaceChildren(...items);
  for (const item of items) {
    const here = Number(item.dataset.key) === current;
    const button = item.firstElementChild;
    if (here) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    if (here) reveal(item, list.parentElement);
    if (here && held) button.focus({ preventScroll: true });
  }
}

// The seeds' pictures of one keyframe, as large as they fit.

import { make } from "./base.js";

/** What a picture is called. The embedded fill has no seed. */
export const named = (job) => (job.seed ? `seed ${job.seed}${job.batch ? `, ${job.batch}` : ""}` : "filled");

/** original: show what the painter was asked about instead of what it made. */
export function drawSeeds(box, group, focused, original, { pick, focus }) {
  const held = box.contains(document.activeElement);
  const tiles = group.jobs.map((job, at) => tile(group, job, at, at === focused, original, { pick, focus }));
  box.replaceChildren(...tiles);
  arrange(box, group.crop[2] / group.crop[3]);
  if (held) box.children[focused]?.focus({ preventScroll: true });
}

function tile(group, job, at, focused, original, { pick, focus }) {
  const picked = group.said.action === "pick" && group.said.job === job.job;
  const done = job.state === "done";
  const state = done ? (picked ? "picked" : "") : job.state === "failed" ? `failed: ${job.error}` : "waiting";
  const label = `Picture ${at + 1} of ${group.jobs.length}, ${named(job)}${state ? `, ${state}` : ""}`;
  const body = done
    ? make("img", { src: `/picture/${original ? "asked" : "painted"}/${group.keyframe}/${job.job}`, alt: "", draggable: "false" })
    : make("span", { class: "waiting" }, job.state === "failed" ? job.error || "failed" : "waiting for the painter");
  const words = make("span", { class: "words" }, at < 9 ? make("kbd", {}, String(at + 1)) : "", original ? " original" : ` ${named(job)}`, picked ? make("b", {}, " ✓ picked") : "");
  return make("button", {
    class: `tile${focused ? " focused" : ""}`, "aria-pressed": String(picked), "aria-label": label, "aria-disabled": String(!done),
    onclick: () => pick(at), onfocus: () => focus(at),
  }, body, words);
}

/** The number of columns that makes tiles of one shape largest. */
export function arrange(box, shape) {
  const [count, width, height, gap] = [box.children.length, box.clientWidth, box.clientHeight, 8];
  if (!count || !width || !height) return;
  let best = [0, 1];
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const high = (height - (rows - 1) * gap) / rows;
    const wide = Math.min((width - (columns - 1) * gap) / columns, high * shape);
    if (wide > best[0]) best = [wide, columns];
  }
  const wide = Math.floor(best[0]);
  box.style.gridTemplateColumns = `repeat(${best[1]}, ${wide}px)`;
  box.style.gridAutoRows = `${Math.floor(wide / shape)}px`;
}

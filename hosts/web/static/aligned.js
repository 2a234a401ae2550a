// An alignment: both pictures under a line, the time map, runs to accept or reject, frames to anchor by hand, solve again, write.

import { $, attempt, bind, counted, listen, make, poll, post, reveal, say, showKeys } from "./base.js";
import { Stage, loaded } from "./stage.js";
import { TimeMap, decoded } from "./timemap.js";

const POLL_MS = 1200;
const REST_MS = 220;
const MARKS = { accept: "✓", reject: "✕", "": "" };
const WORDS = { accept: "accepted", reject: "rejected", "": "open" };

let state = null;
let frames = [];
let at = 0;
let by = 0; // how far the clip is moved by hand from what the alignment says
let wanted = 0;
let resting = null;
let tells = "";
let solving = false;
let shown = "";
const stage = new Stage($("stage"), $("wipe"));
const map = new TimeMap($("map"), (frame) => go(frame));

const run = () => state.runs.find((one) => one.first <= at && at <= one.last);
const anchored = () => state.anchors.find(([, ref]) => ref === at);
const clipAt = () => {
  const base = anchored()?.[0] ?? frames[at] ?? nearest();
  return Math.min(Math.max(base + by, 0), state.clip.frames - 1);
};

/** Where nothing is matched: what would play there if the nearest match went on. */
function nearest() {
  for (let far = 1; far < frames.length; far += 1) {
    if (frames[at - far] !== null && frames[at - far] !== undefined) return frames[at - far] + far;
    if (frames[at + far] !== null && frames[at + far] !== undefined) return frames[at + far] - far;
  }
  return Math.min(at, state.clip.frames - 1);
}

function hear(told) {
  const first = state === null;
  const fresh = first || told.solved !== state.solved;
  state = told;
  frames = decoded(state.frames);
  document.title = `${state.name} – genlock review`;
  if (first) at = state.at;
  if (fresh && !first) {
    by = 0;
    say(state.run.what);
  }
  if (solving && state.run.state === "failed") say(state.run.what, true);
  solving = state.run.state === "running";
  map.hear(state, frames);
  draw(fresh);
}

function go(frame, clip = 0) {
  at = Math.min(Math.max(frame, 0), state.ref.frames - 1);
  by = clip;
  draw();
  clearTimeout(resting);
  resting = setTimeout(() => { show("full"); attempt(() => post("/api/seat", { at })); }, REST_MS);
}

function slide(frames_by) {
  const before = clipAt();
  by += frames_by;
  if (clipAt() === before) by -= frames_by;
  draw();
  clearTimeout(resting);
  resting = setTimeout(() => show("full"), REST_MS);
}

function draw(full = false) {
  drawHead();
  drawRuns();
  map.mark(at, by || anchored() || frames[at] !== null ? clipAt() : null);
  show(full ? "full" : "loop");
}

function drawHead() {
  const { ref, clip } = state;
  const one = run();
  const open = state.runs.filter((each) => each.look && !each.said).length;
  $("name").textContent = state.name;
  $("count").textContent = [counted(state.runs.length, "run"), open ? `${open} to look at` : "", state.unsolved ? `${counted(state.unsolved, "anchor")} not solved yet` : ""].filter(Boolean).join("  ·  ");
  const ours = state.run.state === "running";
  $("solve").hidden = ours;
  $("stop").hidden = $("progress").hidden = !ours;
  $("progress").value = state.run.done;
  $("doing").textContent = ours ? state.run.what : "";
  const clip_frame = clipAt();
  $("left").textContent = `Ref ${at + ref.counts_from}`;
  $("right").textContent = `Clip ${clip_frame + clip.counts_from}${by ? ` (${by > 0 ? "+" : "−"}${Math.abs(by)})` : anchored() ? " (anchored)" : frames[at] === null ? " (a guess)" : ""}`;
  const model = one.model && one.verdict !== "unmatched" ? `  ·  ${one.model}  ·  score ${one.score.toFixed(2)}, sure ${Math.round(one.confidence * 100)} %` : "";
  $("title").textContent = `Run ${one.first + ref.counts_from}–${one.last + ref.counts_from}  ·  ${one.verdict}${model}${one.said ? `  ·  ${WORDS[one.said]}` : ""}`;
  const also = one.also.length ? `also frames ${one.also.map(([a, b]) => `${a + clip.counts_from}–${b + clip.counts_from}`).join(", ")}` : "";
  const flag = [...one.notes, also].filter(Boolean).join("; ");
  $("flag").hidden = !flag;
  $("flag").textContent = flag && `⚑ ${flag}`;
  $("flag").title = flag;
  $("unanchor").hidden = !anchored();
  $("reject").disabled = one.verdict === "unmatched";
  if (document.activeElement !== $("note")) $("note").value = one.note;
}

function drawRuns() {
  const current = run();
  const told = JSON.stringify([state.runs, current.first]);
  if (told === tells) return;
  tells = told;
  const held = $("runs").contains(document.activeElement);
  const items = state.runs.map((one) => {
    const [first, last] = [one.first + state.ref.counts_from, one.last + state.ref.counts_from];
    const plays = one.verdict === "unmatched" ? "–" : `${one.clip[0] + state.clip.counts_from}–${one.clip[1] + state.clip.counts_from}`;
    const label = `Ref ${first} to ${last}, ${one.verdict === "unmatched" ? "unmatched" : `clip ${plays}, ${one.verdict}`}, ${WORDS[one.said]}${one.look ? ", to look at" : ""}`;
    const button = make("button", { "aria-label": label, title: one.notes.join("; "), onclick: () => go(one.first) },
      make("span", { class: `mark ${one.said}` }, MARKS[one.said]), make("span", {}, `${first}–${last} → ${plays}`),
      make("span", { class: `verdict${one.look && !one.said ? " look" : ""}` }, `${one.look && !one.said ? "⚑ " : ""}${one.verdict}`));
    if (one === current) button.setAttribute("aria-current", "true");
    return make("li", {}, button);
  });
  $("runs").replaceChildren(...items);
  const here = $("runs").querySelector("[aria-current]");
  if (here) reveal(here, $("runs").parentElement);
  if (held) here?.focus({ preventScroll: true });
}

/** The newest wish wins; an older picture never takes its place. */
async function show(size) {
  const clip = clipAt();
  const key = `${at} ${clip} ${state.solved}`;
  if (shown === `${key} full` || shown === `${key} ${size}`) return;
  shown = `${key} ${size}`;
  const turn = ++wanted;
  await attempt(async () => {
    const layers = await Promise.all([
      loaded(`/picture/ref/${at}?size=${size}`, `Ref frame ${at + state.ref.counts_from}`),
      loaded(`/picture/laid/${at}/${clip}?size=${size}&solve=${state.solved}`, `Clip frame ${clip + state.clip.counts_from}, where it lies in the ref`),
    ]);
    if (turn === wanted) stage.show(layers, state.ref.size, null, true);
  });
}

async function change(path, body) {
  const told = await attempt(() => post(path, body));
  if (!told) return null;
  hear(told);
  if (told.sentence) say(told.sentence);
  return told;
}

const judge = (action) => change("/api/run", { first: run().first, action });

async function anchor() {
  const clip = clipAt();
  if (await change("/api/anchor", { ref: at, clip })) {
    by = 0;
    draw(true);
  }
}

async function unanchor() {
  if (anchored() && (await change("/api/anchor", { ref: at }))) draw(true);
}

async function solve() {
  if (await change("/api/solve", {})) say("Solving again …");
}

function step(direction) {
  const index = state.runs.indexOf(run()) + direction;
  if (state.runs[index]) go(state.runs[index].first);
}

function next() {
  const index = state.runs.indexOf(run());
  const found = [...state.runs.slice(index + 1), ...state.runs.slice(0, index)].find((one) => one.look && !one.said);
  if (found) go(found.first); else say("No run is left to look at.");
}

async function keepNote() {
  const text = $("note").value.trim();
  if (text !== run().note) await change("/api/note", { first: run().first, text });
}

bind(["ArrowLeft", "ArrowRight"], "one ref frame back, on", (event, name) => go(at + (name === "ArrowLeft" ? -1 : 1)));
bind(["Shift+ArrowLeft", "Shift+ArrowRight"], "ten frames", (event, name) => go(at + (name === "Shift+ArrowLeft" ? -10 : 10)));
bind(["Home", "End"], "the first frame, the last", (event, name) => go(name === "Home" ? 0 : state.ref.frames - 1));
bind(["ArrowUp", "ArrowDown"], "the run before, after", (event, name) => step(name === "ArrowUp" ? -1 : 1));
bind("f", "the next run to look at", next);
bind([",", "."], "move the clip by one frame under the ref", (event, name) => slide(name === "," ? -1 : 1));
bind(["<", ">"], "move it by ten", (event, name) => slide(name === "<" ? -10 : 10));
bind("h", "anchor by hand: these two frames belong together", anchor);
bind("d", "forget the anchor of this ref frame", unanchor);
bind("a", "accept the run", () => judge("accept"));
bind("x", "reject the run: it is written as unmatched", () => judge("reject"));
bind("c", "clear what was said of the run", () => judge("clear"));
bind("s", "solve again, with the anchors", solve);
bind("p", "write the reviewed alignment", () => change("/api/write", {}));
bind("n", "write a note", () => $("note").focus());
bind(["[", "]"], "move the wipe", (event, name) => stage.nudge(name === "[" ? -20 : 20));
bind("o", "the ref alone, the clip alone", () => { stage.slider.value = Number(stage.slider.value) > 500 ? 0 : 1000; stage.place(); });
bind("v", "the difference, four times as bright; the wipe again", () => say(stage.difference() ? "The difference, four times as bright." : "The wipe."));
bind(["+", "="], "", () => stage.zoom(1.25));
bind("-", "zoom out (+ zooms in)", () => stage.zoom(0.8));
bind("0", "one picture pixel a screen pixel", () => stage.actual());
bind("z", "fit the picture", () => stage.fit());
bind("?", "these keys", () => showKeys());

const clicks = {
  accept: () => judge("accept"), reject: () => judge("reject"), clear: () => judge("clear"), anchor, unanchor, solve,
  earlier: () => slide(-1), later: () => slide(1), write: () => change("/api/write", {}), stop: () => change("/api/stop", {}),
};
for (const [name, does] of Object.entries(clicks)) $(name).addEventListener("click", does);
$("note").addEventListener("change", keepNote);
$("note").addEventListener("keydown", (event) => { if (event.key === "Enter") event.target.blur(); });
listen();
poll("/api/state", POLL_MS, hear);

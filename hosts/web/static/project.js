// An inpainting project: go through its keyframes, pick, redo, drop, watch, correct.

import { $, ask, attempt, bind, counted, listen, poll, post, say, showKeys } from "./base.js";
import { Brush } from "./brush.js";
import { Loop } from "./loop.js";
import { arrange, drawSeeds, named } from "./seeds.js";
import { Stage, loaded } from "./stage.js";
import { drawStrip, ordered } from "./strip.js";

const VIEWS = ["seeds", "wipe", "loop", "mask"];
const POLL_MS = 1200;

let state = null;
let current = null;
let view = "seeds";
let focused = 0;
let original = false;
let shownKey = "";
const stage = new Stage($("stage"), $("wipe"));
const loop = new Loop((number) => { $("at").textContent = `frame ${number}`; });
const brush = new Brush(stage, $("width"));

const group = () => state?.groups.find((one) => one.keyframe === current);
const job = () => group()?.jobs[focused];

function hear(told) {
  const first = state === null;
  const ran = state?.run.state === "running";
  state = told;
  if (ran && state.run.state !== "running") say(state.run.what, state.run.state === "failed");
  document.title = `${state.name} – genlock review`;
  if ((first || !group()) && state.groups.length) {
    const row = ordered(state.groups);
    const before = row.find((one) => one.keyframe === state.seat.keyframe);
    take((before ?? row.find((one) => !one.said.action) ?? row[0]).keyframe);
    if (first) $("advance").checked = state.seat.advance;
  }
  draw();
}

/** Make a keyframe the current one. */
function take(keyframe) {
  current = keyframe;
  original = false;
  const picked = group().said.action === "pick" ? group().jobs.findIndex((one) => one.job === group().said.job) : 0;
  focused = Math.max(0, picked);
  $("note").value = group().said.note;
}

function go(keyframe) {
  if (keyframe === undefined || keyframe === current) return;
  if (view === "mask" && brush.touched && !window.confirm("The mask that you painted is not sent. Leave it?")) return;
  take(keyframe);
  draw();
  attempt(() => post("/api/seat", { keyframe }));
}

function step(by) {
  const row = ordered(state.groups);
  const at = row.findIndex((one) => one.keyframe === current) + by;
  go(row[Math.min(Math.max(at, 0), row.length - 1)]?.keyframe);
}

/** The next one, in the filmstrip's order and round its end, that fits. */
function next(fits) {
  const row = ordered(state.groups);
  const at = row.findIndex((one) => one.keyframe === current);
  return [...row.slice(at + 1), ...row.slice(0, at)].find(fits)?.keyframe;
}

async function said(action, more = {}) {
  if (!group()) return;
  if (action === "redo" && state.backend === "classic") {
    return void say("The embedded fill has one answer: correct the mask, or name a painter as backend in genlock.toml.", true);
  }
  const told = await attempt(() => post("/api/pick", { keyframe: current, action, ...more }));
  if (!told) return;
  state = told;
  say(told.sentence);
  if ($("advance").checked && action !== "clear") go(next((one) => !one.said.action));
  draw();
}

function pick(at) {
  const one = group()?.jobs[at];
  if (!one) return;
  focused = at;
  if (one.state === "done") said("pick", { job: one.job });
  else say(one.state === "failed" ? `This picture failed: ${one.error}` : "This picture is not painted yet.", true);
}

function look(name) {
  if (view === "mask" && name !== "mask" && brush.touched && !window.confirm("The mask that you painted is not sent. Leave it?")) return;
  view = name;
  draw();
}

function draw() {
  const one = group();
  drawHead();
  for (const name of VIEWS) {
    $(`tab-${name}`).setAttribute("aria-selected", String(name === view));
    $(`tab-${name}`).tabIndex = name === view ? 0 : -1;
  }
  for (const button of [$("redo"), $("drop"), $("clear"), $("note")]) button.disabled = !one;
  $("seeds").hidden = view !== "seeds" || !one;
  $("stage").hidden = view === "seeds" || !one;
  $("wiping").hidden = (view !== "wipe" && view !== "loop") || !one;
  $("playing").hidden = view !== "loop" || !one;
  $("brushing").hidden = view !== "mask" || !one;
  if (!one) {
    empty(state.ready ? "No keyframe is masked." : `There is nothing to review yet: ${state.why}.`);
    return;
  }
  empty(view !== "seeds" || one.jobs.length ? "" : "No picture of this keyframe is painted yet. Run the project; pictures appear here as they come.");
  drawStrip($("strip"), state.groups, current, go);
  if (view === "seeds") {
    const tells = JSON.stringify([current, one.jobs, one.said, one.crop, original]);
    if (tells !== $("seeds").dataset.tells) drawSeeds($("seeds"), one, focused, original, { pick, focus });
    $("seeds").dataset.tells = tells;
    focus(focused);
  }
  drawStage(one);
}

function drawHead() {
  const decided = state.groups.filter((one) => one.said.action).length;
  const flagged = state.groups.filter((one) => one.flagged).length;
  const waiting = state.groups.flatMap((one) => one.jobs).filter((one) => one.state === "waiting").length;
  $("name").textContent = state.name;
  $("count").textContent = [
    state.groups.length ? `${decided} of ${state.groups.length} decided` : "", flagged ? `${flagged} flagged` : "", waiting ? `${counted(waiting, "picture")} waiting` : "",
  ].filter(Boolean).join("  ·  ");
  const ours = state.run.state === "running";
  $("run").hidden = ours;
  $("run").disabled = state.held && !ours;
  $("stop").hidden = $("progress").hidden = !ours;
  $("progress").value = state.run.done;
  $("doing").textContent = ours ? state.run.what : state.held ? "a run is under way elsewhere" : { failed: "the last run failed", done: "the last run is done" }[state.run.state] ?? "";
  $("doing").title = $("doing").textContent;
  const one = group();
  if (!one) return;
  const done = one.said.again || { pick: "picked", redo: "to be painted again", drop: "dropped" }[one.said.action];
  $("title").textContent = `Frame ${one.keyframe}  ·  group ${one.first}–${one.last}${one.corrected ? "  ·  mask corrected" : ""}${done ? `  ·  ${done}` : ""}`;
  $("flag").hidden = !one.flagged;
  $("flag").textContent = `⚑ ${one.flag || "look at this group"}`;
  $("flag").title = one.flag;
}

function empty(text) {
  $("empty").hidden = !text;
  $("empty").textContent = text;
}

/** What the stage shows is only changed where it is something else: a poll must not disturb who looks. */
async function drawStage(one) {
  const key = view === "seeds" ? "" : JSON.stringify([view, current, view === "wipe" ? [job()?.job, job()?.state] : "", view === "loop" ? one.comp : ""]);
  if (key === shownKey) return;
  shownKey = key;
  if (view !== "loop") loop.stop();
  brush.close();
  $("stage").classList.toggle("painting", view === "mask");
  if (view === "wipe") await attempt(() => showWipe(one, key));
  if (view === "loop") await attempt(() => showLoop(one, key));
  if (view === "mask") await attempt(() => showMask(one, key));
}

async function showWipe(one, key) {
  const it = job();
  if (it?.state !== "done") {
    stage.show([], state.size, one.crop, false);
    return void empty("This picture is not painted yet.");
  }
  const layers = await Promise.all([
    loaded(`/picture/src/${current}`, "Original"), loaded(`/picture/laid/${current}/${it.job}`, `The result, ${named(it)}`),
  ]);
  $("right").textContent = named(it);
  if (key === shownKey) stage.show(layers, state.size, one.crop, true);
}

async function showLoop(one, key) {
  stage.show([], state.size, one.crop, false);
  if (!one.comp) return void empty("This group is not composited yet. Run the project, and it plays here.");
  say("Loading the group …");
  const there = await loop.load(one.first, one.last, state.rate, one.comp);
  if (!there || key !== shownKey) return;
  say("");
  $("right").textContent = "Result";
  stage.show(loop.canvases, state.size, one.crop, true);
}

async function showMask(one, key) {
  const [picture, mask] = await Promise.all([loaded(`/picture/src/${current}`, "Original"), loaded(`/picture/mask/${current}`, "")]);
  if (key !== shownKey) return;
  brush.canvas.classList.add("mask");
  stage.show([picture, brush.canvas], state.size, one.crop, false);
  brush.open(mask, state.size, one.crop);
  say("Paint with the left button; drag with the right one to move the picture. By keys: arrows move the brush, Space puts it down.");
}

function focus(at) {
  focused = at;
  for (const [place, tile] of [...$("seeds").children].entries()) tile.classList.toggle("focused", place === at);
}

function choose(by) {
  const count = group()?.jobs.length ?? 0;
  if (!count) return;
  focus((focused + by + count) % count);
  draw();
}

/** The original, and back: of all seeds, or of the two that are wiped. */
function alone() {
  if (view === "seeds") {
    original = !original;
    return void draw();
  }
  stage.slider.value = Number(stage.slider.value) > 500 ? 0 : 1000;
  stage.place();
}

async function send() {
  if (!brush.touched) return void say("Paint on the mask first.", true);
  const told = await attempt(async () => ask(`/api/mask/${current}`, { method: "POST", headers: { "content-type": "image/png" }, body: await brush.png() }));
  if (!told) return;
  brush.touched = false;
  state = told;
  draw();
  say(`The mask of frame ${current} is kept, and the keyframe is painted again at the next run. Press Run, or run it from the terminal.`);
}

function erase() {
  brush.erases = !brush.erases;
  $("erase").setAttribute("aria-pressed", String(brush.erases));
  brush.drawRing();
}

function play() {
  loop.playing = !loop.playing;
  $("play").firstChild.textContent = loop.playing ? "Pause " : "Play ";
}

function thicker(by) {
  $("width").value = Math.round(Number($("width").value) * by + Math.sign(by - 1));
  brush.drawRing();
}

async function keepNote() {
  const text = $("note").value.trim();
  if (!group() || text === group().said.note) return;
  const told = await attempt(() => post("/api/note", { keyframe: current, text }));
  if (told) { state = told; say(told.sentence); draw(); }
}

const painting = () => view === "mask";
const wiping = () => view === "wipe" || view === "loop";

bind(["1", "2", "3", "4", "5", "6", "7", "8", "9"], "pick that picture", (event, name) => pick(Number(name) - 1));
bind("r", "paint this keyframe again, with another seed", () => said("redo"));
bind("x", "drop: the group is made from its neighbours", () => said("drop"));
bind("c", "clear what was said", () => said("clear"));
bind(["ArrowLeft", "ArrowRight"], "the keyframe before, after", (event, name) => step(name === "ArrowLeft" ? -1 : 1), () => !painting());
bind(["ArrowUp", "ArrowDown"], "another seed, to wipe", (event, name) => choose(name === "ArrowUp" ? -1 : 1), () => !painting());
bind("f", "the next one that is flagged or not decided", () => go(next((one) => one.flagged && !one.said.action) ?? next((one) => !one.said.action)));
bind("g", "all seeds", () => look("seeds"));
bind("w", "wipe with the original", () => look("wipe"));
bind("l", "the composited group in a loop", () => look("loop"));
bind("m", "correct the mask with a brush", () => look("mask"));
bind("n", "write a note", () => $("note").focus());
bind(["[", "]"], "move the wipe; in the mask: brush thinner, thicker", (event, name) => (painting() ? thicker(name === "[" ? 0.8 : 1.25) : stage.nudge(name === "[" ? -20 : 20)));
bind("o", "the original alone, the result alone", alone, () => !painting());
bind("z", "fit the crop, fit the frame", () => { stage.whole = !stage.whole; stage.fit(stage.whole || !stage.focus); }, () => view !== "seeds");
bind("v", "the difference, four times as bright; the wipe again", () => say(stage.difference() ? "The difference, four times as bright." : "The wipe."), wiping);
bind(["+", "="], "", () => stage.zoom(1.25), () => view !== "seeds");
bind("-", "zoom out (+ zooms in)", () => stage.zoom(0.8), () => view !== "seeds");
bind("0", "one picture pixel a screen pixel", () => stage.actual(), () => view !== "seeds");
bind(" ", "play and pause the loop; in the mask: put the brush down, lift it", () => (painting() ? say(brush.press() ? "The brush is down." : "The brush is lifted.") : play()), () => painting() || view === "loop");
bind([",", "."], "one frame back, on", (event, name) => { if (loop.playing) play(); loop.step(name === "," ? -1 : 1); }, () => view === "loop");
bind(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"],
  "in the mask: move the brush, with Shift farther", (event, name) => {
    const by = name.startsWith("Shift+") ? 40 : 8;
    const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
    brush.nudge(...way);
  }, painting);
bind("e", "in the mask: erase, paint", erase, painting);
bind("u", "in the mask: undo", () => brush.undo() || say("There is nothing to undo."), painting);
bind("Enter", "in the mask: keep it, and send the keyframe again", send, painting);
bind("?", "these keys", () => showKeys());

for (const name of VIEWS) {
  $(`tab-${name}`).addEventListener("click", () => look(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.stopPropagation();
    event.preventDefault();
    look(VIEWS[(VIEWS.indexOf(name) + by + VIEWS.length) % VIEWS.length]);
    $(`tab-${view}`).focus();
  });
}
$("redo").addEventListener("click", () => said("redo"));
$("drop").addEventListener("click", () => said("drop"));
$("clear").addEventListener("click", () => said("clear"));
$("play").addEventListener("click", play);
$("erase").addEventListener("click", erase);
$("undo").addEventListener("click", () => brush.undo());
$("send").addEventListener("click", send);
$("stage").addEventListener("contextmenu", (event) => event.preventDefault());
$("note").addEventListener("change", keepNote);
$("note").addEventListener("keydown", (event) => { if (event.key === "Enter") event.target.blur(); });
$("advance").addEventListener("change", () => attempt(() => post("/api/seat", { advance: $("advance").checked })));
$("run").addEventListener("click", () => attempt(async () => hear(await post("/api/run", {}))));
$("stop").addEventListener("click", () => attempt(async () => hear(await post("/api/stop", {}))));
window.addEventListener("beforeunload", (event) => { if (brush.touched && view === "mask") event.preventDefault(); });
new ResizeObserver(() => { if (group() && view === "seeds") arrange($("seeds"), group().crop[2] / group().crop[3]); }).observe($("seeds"));
listen();
poll("/api/state", POLL_MS, hear);

"""What the page's few lines of script need, to name the frames under the pointer."""

from __future__ import annotations

import json

from ..alignment import Alignment
from .clock import Clock
from .markup import Markup
from .table import frame_scores

MOST = 1000
"""So many ref frames are named at most; of a longer ref, evenly spaced ones."""

SCRIPT = """
(function () {
  var data = JSON.parse(document.getElementById("frames").textContent);
  var out = document.getElementById("readout");
  var idle = out.textContent;
  function near(x) {
    var a = 0, b = data.length - 1;
    while (a < b) { var m = (a + b) >> 1; if (data[m][0] < x) a = m + 1; else b = m; }
    return a && x - data[a - 1][0] < data[a][0] - x ? a - 1 : a;
  }
  document.querySelectorAll("svg.chart").forEach(function (svg) {
    var left = +svg.dataset.left, right = +svg.dataset.right, hair = svg.querySelector(".hair");
    function show(event) {
      var box = svg.getBoundingClientRect();
      var x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
      var d = data[near(Math.min(1, Math.max(0, (x - left) / (right - left))))];
      var at = left + d[0] * (right - left);
      hair.setAttribute("x1", at); hair.setAttribute("x2", at); svg.classList.add("on");
      out.textContent = "ref " + d[2] + " (" + d[1] + ")  \\u2192  " +
        (d[3] === null ? "not in the clip" : "clip " + d[4] + " (" + d[3] + ")") + (d[5] === null ? "" : "  \\u00b7  score " + d[5].toFixed(3));
    }
    svg.addEventListener("pointermove", show);
    svg.addEventListener("pointerdown", show);
    svg.addEventListener("pointerleave", function () { svg.classList.remove("on"); out.textContent = idle; });
  });
})();
"""


def frame_data(alignment: Alignment, shown: list[int | None]) -> Markup:
    """Per named ref frame: share of the time axis, its number and timecode, the clip's number and timecode, the score.

    shown is alignment.clip_frames().
    """
    ref, clip = Clock.of(alignment.ref), Clock.of(alignment.clip)
    scores = frame_scores(alignment)
    total, length = alignment.ref.frames, alignment.ref.duration_s or 1
    count = min(total, MOST)
    out = []
    for k in range(count):
        frame = (2 * k + 1) * total // (2 * count)
        at = shown[frame]
        score = scores[frame] if at is not None else None
        share = round(float(alignment.ref.middle_of(frame) / length), 5)
        clip_label = None if at is None else clip.label(at)
        out.append([share, frame, ref.label(frame), at, clip_label, None if score is None else round(score, 3)])
    body = json.dumps(out, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(f'<script type="application/json" id="frames">{body}</script>')

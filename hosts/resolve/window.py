"""A small window, made with Resolve's own UIManager: who is the clip, who is the ref, how to align; then how it goes.

Studio has the UIManager. The free edition had it up to 19.0; from 19.1 on even asking for it raises Studio's window and spoils the
calls that follow, so it is not asked there.
"""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import jobs
from .api import Resolve, is_studio, version_of
from .carrying import Going, Telling
from .flow import Choice, last_lines
from .options import Option, asked
from .picking import Footage, Pair
from .publishing import default_folder

_TICK_MS = 250
_STARTS = ("align", "check", "publish", "retime", "inpaint")
"""Buttons that begin something."""
RETIMES = (("cuts", "the clip itself, cut where its speed changes"), ("baked", "new media, rendered by genlock"))


def may_show(resolve: Resolve) -> bool:
    """Whether a window may be tried."""
    return is_studio(resolve) or version_of(resolve) < (19, 1)


@dataclass(frozen=True)
class Doing:
    """What the buttons begin. Each may raise JobError."""

    align: Callable[[Choice, Telling], Going]
    publish: Callable[[Choice, Telling, str, bool, bool], Going]
    """With the folder, whether it is only to check, and whether to mend what can be mended."""
    retime: Callable[[str, dict[str, Any], Telling], Going]
    """A clip, and settings of `genlock retime`."""
    inpaint: Callable[[str, str, dict[str, Any], Telling], Going]
    """A clip, its matte, and settings of a new inpainting project."""


class Window:
    """The window and its flow. run() returns when it is closed; an alignment that runs then goes on, and is found by the next start."""

    def __init__(
        self, fusion: Any, bmd: Any, footage: Sequence[Footage], picked: Pair | None, doing: Doing
    ) -> None:
        self._options, self._retimes, self._paints = asked(), asked("retime"), asked("inpaint")
        self._ui = fusion.UIManager
        self._dispatcher = bmd.UIDispatcher(self._ui)
        found = [*([picked.clip, picked.ref] if picked else []), *footage]
        self._footage = list({one.path: one for one in found}.values())
        self._doing = doing
        self._flow: Going | None = None
        self._working = False
        self._lines: list[str] = [f"picked: {picked.where}"] if picked else []
        self._window = self._dispatcher.AddWindow(
            {"ID": "genlock", "WindowTitle": "genlock: align", "Geometry": [200, 200, 560, 440]}, self._rows()
        )
        self._items = self._window.GetItems()
        self._fill(bool(picked))
        self._timer = self._ui.Timer({"ID": "genlock_timer", "Interval": _TICK_MS})
        self._connect()

    def run(self, flow: Going | None = None) -> None:
        """Show it until it is closed.

        flow   one that has begun already: an earlier alignment that still runs
        """
        self._show_lines()
        if flow is not None:
            self._flow = flow
            self._turned(working=True)
        self._window.Show()
        self._timer.Start()
        self._dispatcher.RunLoop()
        self._timer.Stop()
        self._window.Hide()
        if self._flow is not None and self._working and not self._flow.outlives:
            self._flow.stop()

    def telling(self) -> Telling:
        """How a flow writes into it."""
        return Telling(self._say, self._progress)

    def tick(self, event: Any = None) -> None:
        """A turn of the timer."""
        if self._flow is not None and self._working and self._flow.step():
            self._lines += last_lines(self._flow)
            self._show_lines()
            self._items["report"].Enabled = bool(self._flow.report)
            self._progress(0.0 if self._flow.failed else 1.0, "failed" if self._flow.failed else "done")
            self._turned(working=False)

    def align(self, event: Any = None) -> None:
        """The button Align; after an end it is Redo."""
        self._start(self._doing.align)

    def check(self, event: Any = None) -> None:
        """The button Check: what stands against aligning and publishing the two."""
        self._start(lambda choice, telling: self._doing.publish(choice, telling, self._folder(), True, self._items["repair"].Checked))

    def publish(self, event: Any = None) -> None:
        """The button Publish."""
        folder = self._folder()
        if not os.path.isabs(folder):
            self._say("no folder is named to publish to; write its whole path")
            return
        self._start(lambda choice, telling: self._doing.publish(choice, telling, folder, False, self._items["repair"].Checked))

    def retime(self, event: Any = None) -> None:
        """The button Retime: the clip alone."""
        clip = self._footage[self._items["clip"].CurrentIndex].path
        settings: dict[str, Any] = {option.name: self._chosen(option) for option in self._retimes}
        if self._items["fps"].Text.strip():
            settings["fps"] = self._items["fps"].Text.strip()
        self._lines = []
        self._carry(lambda: self._doing.retime(clip, settings, self.telling()))

    def inpaint(self, event: Any = None) -> None:
        """The button Inpaint: the clip, and the matte below."""
        clip, matte = (self._footage[self._items[name].CurrentIndex].path for name in ("clip", "matte"))
        if clip == matte:
            self._say("clip and matte are the same file; choose two")
            return
        settings: dict[str, Any] = {option.name: self._chosen(option) for option in self._paints}
        if self._items["prompt"].Text.strip():
            settings["prompt"] = self._items["prompt"].Text.strip()
        self._lines = []
        self._carry(lambda: self._doing.inpaint(clip, matte, settings, self.telling()))

    def _chosen(self, option: Option) -> str:
        return option.choices[self._items[option.name].CurrentIndex]

    def _folder(self) -> str:
        return str(self._items["folder"].Text).strip()

    def _start(self, begin: Callable[[Choice, Telling], Going]) -> None:
        clip, ref = (self._footage[self._items[name].CurrentIndex] for name in ("clip", "ref"))
        if clip.path == ref.path:
            self._say("clip and ref are the same file; choose two")
            return
        settings = {option.name: self._chosen(option) for option in self._options}
        retimes = RETIMES[self._items["retimes"].CurrentIndex][0]
        self._lines = []
        self._carry(lambda: begin(Choice(clip.path, ref.path, settings, retimes), self.telling()))

    def _carry(self, begin: Callable[[], Going]) -> None:
        try:
            self._flow = begin()
        except (jobs.JobError, OSError) as error:
            self._say(f"genlock: {error}")
            return
        self._turned(working=True)

    def stop(self, event: Any = None) -> None:
        """The button Stop."""
        if self._flow is not None:
            self._flow.stop()
            self.tick()

    def swap(self, event: Any = None) -> None:
        """The button Swap."""
        clip, ref = self._items["clip"], self._items["ref"]
        clip.CurrentIndex, ref.CurrentIndex = ref.CurrentIndex, clip.CurrentIndex

    def report(self, event: Any = None) -> None:
        """The button Report."""
        if self._flow is not None and self._flow.report:
            webbrowser.open(Path(self._flow.report).as_uri())

    def _rows(self) -> list[Any]:
        ui = self._ui
        asked_for = [(option.name, option.title) for option in self._options]
        rows = [
            ui.HGroup({"Weight": 0}, [ui.Label({"Text": title, "MinimumSize": [80, 0], "Weight": 0}), ui.ComboBox({"ID": name})])
            for name, title in (("clip", "Clip (moved)"), ("ref", "Ref (stays)"), *asked_for, ("retimes", "Retimes as"))
        ]
        place = [ui.Label({"Text": "Publish to", "MinimumSize": [80, 0], "Weight": 0}), ui.LineEdit({"ID": "folder"})]
        rows.append(ui.HGroup({"Weight": 0}, [*place, ui.CheckBox({"ID": "repair", "Text": "Repair", "Weight": 0})]))
        fields = [ui.Label({"Text": "Retime to", "MinimumSize": [80, 0], "Weight": 0}), ui.LineEdit({"ID": "fps"})]
        rows.append(ui.HGroup({"Weight": 0}, [*fields, *(ui.ComboBox({"ID": option.name}) for option in self._retimes)]))
        paints = [ui.Label({"Text": "Matte", "MinimumSize": [80, 0], "Weight": 0}), ui.ComboBox({"ID": "matte"})]
        paints += [*(ui.ComboBox({"ID": option.name}) for option in self._paints), ui.LineEdit({"ID": "prompt"})]
        rows.append(ui.HGroup({"Weight": 0}, paints))
        buttons = [ui.Button({"ID": name, "Text": name.capitalize()}) for name in ("swap", *_STARTS, "stop", "report")]
        state = ui.Label({"ID": "state", "Text": "", "Weight": 0})
        log = ui.TextEdit({"ID": "log", "ReadOnly": True, "Weight": 1})
        return [ui.VGroup({"Spacing": 6}, [*rows, ui.HGroup({"Weight": 0}, buttons), state, log])]

    def _fill(self, picked: bool) -> None:
        for name in ("clip", "ref", "matte"):
            self._items[name].AddItems([one.name for one in self._footage])
        for option in (*self._options, *self._retimes, *self._paints):
            self._items[option.name].AddItems(list(option.choices))
            self._items[option.name].CurrentIndex = option.index
        self._items["retimes"].AddItems([text for _, text in RETIMES])
        self._items["ref"].CurrentIndex = 1 if picked or len(self._footage) > 1 else 0
        self._items["matte"].CurrentIndex = len(self._footage) - 1
        self._items["report"].Enabled = False
        self._turned(working=False)
        for name in _STARTS:
            self._items[name].Enabled = len(self._footage) > (name != "retime")
        if len(self._footage) > 1:
            self._items["folder"].Text = default_folder(self._footage[self._items["ref"].CurrentIndex].path)

    def _connect(self) -> None:
        on = self._window.On
        on.genlock.Close = lambda event: self._dispatcher.ExitLoop()
        on.align.Clicked, on.stop.Clicked, on.swap.Clicked, on.report.Clicked = self.align, self.stop, self.swap, self.report
        on.check.Clicked, on.publish.Clicked = self.check, self.publish
        on.retime.Clicked, on.inpaint.Clicked = self.retime, self.inpaint
        self._dispatcher.On.Timeout = self.tick

    def _turned(self, working: bool) -> None:
        self._working = working
        for name in _STARTS:
            self._items[name].Enabled = not working
        self._items["stop"].Enabled = working
        self._items["align"].Text = "Redo" if self._flow is not None and not working else "Align"

    def _say(self, text: str) -> None:
        self._lines.append(text)
        self._show_lines()

    def _show_lines(self) -> None:
        self._items["log"].PlainText = "\n".join(self._lines)

    def _progress(self, done: float, what: str) -> None:
        self._items["state"].Text = f"{done:4.0%}  {what}"

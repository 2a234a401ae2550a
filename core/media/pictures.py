"""Image sequences and stills as footage: decoders are fed file by file; no demuxer sees the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from fractions import Fraction

import av

from ..errors import MediaError
from ..threads import hands, limit
from ..timing import FrameRate
from .container import Damage
from .decoders import Decoders
from .exr import picture_layer
from .frame import Frame, View
from .guard import local_file, most_pixels, unreadable
from .info import FootageInfo, FrameIndex, ReadOptions
from .probe import colour_of, start_frame
from .sequence import Sequence
from .upright import Turn, turn_of
from .walked import Walked

DEFAULT_RATE = Fraction(24)
"""Of a sequence whose rate nobody named."""
_AHEAD = 8
"""Pictures that are decoded at once, at most: one of 4K in float takes 140 MB."""
_MOST_HEADER = 1 << 18
"""Bytes of an EXR file that are searched for its channels."""


class Pictures:
    """Reads a sequence. Frame numbers count from the first file; a missing or broken file shows the picture before it.

    So numbers and times stay those of the files, and `damage.lost` says how many are not there.
    """

    def __init__(self, sequence: Sequence, options: ReadOptions) -> None:
        self.sequence = sequence
        self.damage = Damage()
        self.walked = Walked()
        """What the pass under way has seen."""
        first = next(iter(sequence.files.values()))
        self._decoders = Decoders(sequence.codec, {"max_pixels": str(most_pixels(first)), **_layer_option(sequence)})
        picture = self.first_picture()
        self.info, self.turn = _picture_info(sequence, picture, options)
        self.bottom_first = False

    def close(self) -> None:
        """Nothing stays open between passes."""

    def frames(self, view: View, before: Walked | None = None) -> Iterator[Frame]:
        """All frames, in order; where a pass before was cut off, from before.start() on."""
        start = before.start() if before is not None else 0
        walked = self.walked = before.upto(start) if before is not None else Walked()
        self.damage.lost = before.lost[start - 1] if before is not None and start else 0
        for frame in self._held(range(start, self.sequence.span), view, self.damage):
            walked.add(frame.pts, True, self.damage.lost)
            yield frame

    def at(self, numbers: Iterable[int], index: FrameIndex | None, view: View) -> Iterator[Frame]:
        """These frames, ascending."""
        yield from self._held(numbers, view, Damage())

    def whole_index(self) -> FrameIndex:
        """Every frame is a key frame."""
        numbers = tuple(range(self.sequence.span))
        return FrameIndex(numbers, numbers)

    def _held(self, numbers: Iterable[int], view: View, damage: Damage) -> Iterator[Frame]:
        """The frames asked for; one that is not there is the last one before it that is, or the first one after it."""
        last: av.VideoFrame | None = None
        before = -1
        for number, picture in self._decoded(numbers):
            if picture is None:
                damage.lost += 1
                if last is None or before != number - 1:
                    picture = self._nearest(number)
                else:
                    picture = last
            last, before = picture, number
            yield Frame(number, picture, number, view)

    def _decoded(self, numbers: Iterable[int]) -> Iterator[tuple[int, av.VideoFrame | None]]:
        """(number, picture or None) in the order asked for; a few are worked at ahead."""
        most = min(limit(), _AHEAD)
        waiting: deque[tuple[int, Future[av.VideoFrame | None]]] = deque()
        with hands(most) as pool:
            try:
                for number in numbers:
                    waiting.append((number, pool.submit(self._one, number)))
                    if len(waiting) > most:
                        first, picture = waiting.popleft()
                        yield first, picture.result()
                for number, picture in waiting:
                    yield number, picture.result()
            finally:
                for _, picture in waiting:
                    picture.cancel()

    def _one(self, number: int) -> av.VideoFrame | None:
        """The picture of a file; None where it is missing or damaged. May be called by several threads at once."""
        path = self.sequence.files.get(self.sequence.first + number)
        if path is None:
            return None
        try:
            with open(local_file(path), "rb") as file:
                body = file.read()
        except (MediaError, OSError) as error:
            why = unreadable(path, error.__cause__ if isinstance(error, MediaError) and error.__cause__ else error)
            if why is not None:
                raise why from error
            return None
        return self._decoders.picture(body, number)

    def first_picture(self) -> av.VideoFrame:
        """The first picture that can be decoded. Raises MediaError where none can."""
        for file_number in self.sequence.files:
            picture = self._one(file_number - self.sequence.first)
            if picture is not None:
                return picture
        local_file(next(iter(self.sequence.files.values())))
        what = "is a damaged picture" if self.sequence.still else "has no picture that can be decoded"
        raise MediaError(f"{self.sequence.name} {what} ({self.sequence.codec})", "export it again")

    def _nearest(self, number: int) -> av.VideoFrame:
        """The last good picture before this number, else the first one of all."""
        for earlier in range(number - 1, -1, -1):
            if self.sequence.first + earlier in self.sequence.files:
                picture = self._one(earlier)
                if picture is not None:
                    return picture
        return self.first_picture()


def _layer_option(sequence: Sequence) -> dict[str, str]:
    """The EXR layer to decode, where the picture is not in the unnamed one."""
    if sequence.codec != "exr":
        return {}
    try:
        with open(next(iter(sequence.files.values())), "rb") as file:
            layer = picture_layer(file.read(_MOST_HEADER))
    except OSError:
        return {}
    return {"layer": layer} if layer else {}


def _timecode(picture: av.VideoFrame) -> str | None:
    """As written into the picture (DPX)."""
    try:
        return dict(getattr(picture, "metadata", None) or {}).get("timecode") or None
    except UnicodeDecodeError:
        return None


def _picture_info(sequence: Sequence, picture: av.VideoFrame, options: ReadOptions) -> tuple[FootageInfo, Turn]:
    rate = FrameRate.parse(options.rate).fps if options.rate else DEFAULT_RATE
    turn = turn_of(picture, sequence.codec)
    size = (picture.width, picture.height)
    code = _timecode(picture)
    info = FootageInfo(
        width=size[turn.transpose],
        height=size[not turn.transpose],
        rate=rate,
        time_base=1 / rate,
        frames=sequence.span,
        duration_s=sequence.span / rate,
        kind="still" if sequence.still else "sequence",
        codec=sequence.codec,
        pix_fmt=picture.format.name,
        bits=max(part.bits for part in picture.format.components),
        colour=colour_of(picture, picture),
        rotation=turn.degrees,
        interlaced=bool(picture.interlaced_frame),
        timecode=code,
        start_frame=start_frame(code, rate) if sequence.still else sequence.first,
    )
    return info, turn

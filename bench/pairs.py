"""The pairs of the bench: made footage, one kind of trouble each, and some together.

Each is a Twin by name. Lengths are in frames of the source, sizes in pixels; see genlock/hosts/demo for the words.
"""

from __future__ import annotations

from fractions import Fraction

from genlock.hosts.demo.cutting import (
    cut,
    double_every,
    drop_every,
    insert,
    move,
    on_every,
    pulldown,
    ramp,
    rate,
    repeat,
    retag,
    reverse,
    speed,
    trim,
    variable,
)
from genlock.hosts.demo.looks import blur, gamma, grade, grain, grey, logo, subtitle
from genlock.hosts.demo.placing import corners, crop, mirror, pad, pan_and_scan, reframe, rotate, scale, shift
from genlock.hosts.demo.scene import Scene, reel
from genlock.hosts.demo.twin import Coding, Side, Twin

FILM = Fraction(24000, 1001)
HARD = Coding(crf=32)


def moving(rate_: Fraction = Fraction(24)) -> Scene:
    """Four shots with a travelling camera."""
    return reel(21, (66, 54, 72, 60), rate=rate_)


def calm() -> Scene:
    """Locked-off shots: little moves, and grain on everything."""
    return reel(22, (90, 70, 90), ("locked", "moving", "locked"), grain=4.0)


def stills() -> Scene:
    """Shots in which nothing moves, beside shots in which something does."""
    return reel(23, (60, 40, 60, 40, 50), ("moving", "still"))


def black() -> Scene:
    """Black and plain frames between shots."""
    return reel(24, (50, 12, 50, 20, 60, 8), ("moving", "black", "locked", "flat", "moving", "black"))


def other() -> Scene:
    """Footage that is in none of the rest."""
    return reel(90, (70, 60, 80))


def hd() -> Scene:
    """Larger pictures."""
    return reel(25, (50, 46, 54), size_wh=(1280, 720))


def pairs() -> list[Twin]:
    """All pairs, in the order they are told."""
    return [*_plain(), *_time(), *_space(), *_look(), *_trouble()]


def _plain() -> list[Twin]:
    return [
        Twin("identical", moving(), Side(coding=Coding(crf=20))),
        Twin("trim", moving(), Side((trim(9, 230),), coding=Coding(crf=28)), Side((trim(30, 240),))),
        Twin("unrelated", moving(), Side(), stranger=other()),
        Twin("no_sound", moving(), Side((trim(20, 200),), sound=False), Side(sound=False)),
        Twin("calm", calm(), Side((trim(12, 230),), (scale(0.75),), (gamma(1.2),), HARD)),
    ]


def _time() -> list[Twin]:
    return [
        Twin("fps_24_to_30", moving(), Side((trim(10, 230), rate(Fraction(30000, 1001))))),
        Twin("fps_60_to_24", moving(Fraction(60)), Side((rate(FILM),)), Side((trim(15, 240),))),
        Twin("pal_speedup", moving(FILM), Side((retag(Fraction(25)),), (scale(0.8, 0.9),), (blur(0.8),), HARD), Side((trim(20, 240),))),
        Twin("telecine", moving(FILM), Side((pulldown(),)), Side((trim(8, 230),))),
        Twin("speed_125", moving(), Side((speed(Fraction(5, 4)),))),
        Twin("ramp", moving(), Side((ramp(0.75, 1.3),))),
        Twin("reedit", moving(), Side((cut(80, 110), insert(150, 30), trim(10, 240))), foreign=other()),
        Twin("reorder", moving(), Side((move(66, 120, 132),))),
        Twin("repeat", moving(), Side((repeat(66, 120, 192),))),
        Twin("reverse", moving(), Side((reverse(66, 120),))),
        Twin("drops_doubles", moving(), Side((drop_every(9), double_every(13)), look=(grain(5),))),
        Twin("on_twos", moving(), Side((on_every(2),))),
        Twin("variable_rate", moving(), Side((trim(8, 240), variable(5)))),
    ]


def _space() -> list[Twin]:
    return [
        Twin("crop", moving(), Side((trim(0, 200),), (crop(101.5, 47.25, 400, 260),))),
        Twin("shift", moving(), Side(space=(shift(0.4, -0.3), crop(2, 2, 636, 356)))),
        Twin("half_size", hd(), Side(space=(scale(0.5),))),
        Twin("dvd_vs_hd", hd(), Side((trim(6, 140),), (crop(14, 8, 1248, 704), scale(0.577, 0.818)), (blur(1.1), grain(4), gamma(0.85)), HARD)),
        Twin("rotate", moving(), Side(space=(rotate(2.5), crop(30, 25, 580, 310)))),
        Twin("corners", moving(), Side(space=(corners((10, 5), (-7, 8), (-4, -9), (6, -5)),))),
        Twin("mirror", moving(), Side(space=(mirror(),))),
        Twin("reframed_shots", moving(), Side(space=(reframe(480, 270, 3),))),
        Twin("pan_and_scan", moving(), Side(space=(pan_and_scan(480, 360, 4),))),
        Twin("letterbox_logo", moving(), Side((trim(20, 220),), (scale(0.9), pad(20, 40, 20, 40)), (logo(), subtitle()))),
    ]


def _look() -> list[Twin]:
    return [
        Twin("grade", moving(), Side(space=(crop(40, 30, 560, 300), scale(0.7)), look=(gamma(1.35), grade((1.1, 0.95, 0.9), (4, 0, -6))))),
        Twin("grey_crf35", moving(), Side((trim(20, 230),), look=(grey(),), coding=Coding(crf=35))),
        Twin("mpeg2", moving(), Side((trim(5, 240),), coding=Coding(crf=24, codec="mpeg2video"), suffix=".mov")),
        Twin("prores", moving(), Side((trim(5, 200),), coding=Coding(codec="prores_ks"), suffix=".mov")),
    ]


def _trouble() -> list[Twin]:
    return [
        Twin("stills", stills(), Side((trim(10, 240),), (scale(0.5),), coding=Coding(crf=28))),
        Twin("black", black(), Side((trim(10, 190),), (scale(0.75),))),
        Twin("sound_helps", calm(), Side((trim(33, 233),), (scale(0.25),), (blur(1.5), grain(8), grey()), Coding(crf=34)), Side((trim(10, 240),))),
        Twin("everything", moving(FILM),
             Side((cut(70, 90), move(100, 140, 20), retag(Fraction(25))), (crop(30, 22, 580, 316), scale(0.7)),
                  (grade((0.9, 1, 1.1)), logo(), subtitle()), HARD)),
    ]  # fmt: skip

"""Good files of every format, made small: what is changed afterwards."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from genlock.hosts.cli.terminal import main
from genlock.hosts.demo import cutting
from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.twin import Side, Twin

_WH = (96, 54)


def make(folder: Path) -> None:
    """All of them, in a folder that is there. Raises RuntimeError where genlock itself does not make one."""
    Twin("pair", reel(5, (12,), size_wh=_WH), clip=Side(time=(cutting.trim(2, 10),))).write(folder)
    _films(folder)
    _pictures(folder)
    _documents(folder)
    _weights(folder)
    _project(folder)


def _frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _films(folder: Path) -> None:
    """The clip in other containers, with other codecs and other sound."""
    frames = _frames(folder / "clip.mp4")
    for name, codec, pixels, sound, options in (
        ("clip.mkv", "ffv1", "yuv420p", "flac", {}),
        ("clip.mov", "prores_ks", "yuv422p10le", "pcm_s16le", {}),
        ("small.mov", "mjpeg", "yuvj420p", "pcm_s16le", {}),
        ("parts.mp4", "mpeg4", "yuv420p", "aac", {"movflags": "frag_keyframe+empty_moov"}),
        ("clip.avi", "mpeg4", "yuv420p", "pcm_s16le", {}),
        ("clip.ts", "mpeg2video", "yuv420p", "mp2", {}),
        ("clip.mxf", "mpeg2video", "yuv420p", "pcm_s16le", {}),
        ("clip.webm", "libvpx", "yuv420p", "", {}),
    ):
        with av.open(str(folder / name), "w", options=options) as out:
            picture: Any = out.add_stream(codec, rate=25)
            picture.width, picture.height, picture.pix_fmt = *_WH, pixels
            heard: Any = out.add_stream(sound, rate=48000) if sound else None
            for n, frame in enumerate(frames):
                made = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pixels)
                made.pts, made.time_base = n, Fraction(1, 25)
                out.mux(picture.encode(made))
            out.mux(picture.encode(None))
            if heard is not None:
                out.mux([packet for block in _sound(heard, len(frames) * 1920) for packet in heard.encode(block)] + heard.encode(None))
    _wav(folder / "clip.wav")


def _sound(stream: Any, samples: int) -> list[Any]:
    wave = (np.random.default_rng(1).standard_normal((1, samples)) * 3000).astype(np.int16)
    block = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
    block.sample_rate, block.pts, block.time_base = 48000, 0, Fraction(1, 48000)
    turner = av.AudioResampler(stream.format.name, stream.layout, 48000, frame_size=stream.codec_context.frame_size or 0)
    return [*turner.resample(block), *turner.resample(None)]


def _wav(path: Path) -> None:
    with av.open(str(path), "w") as out:
        heard: Any = out.add_stream("pcm_s16le", rate=48000)
        out.mux([packet for block in _sound(heard, 9600) for packet in heard.encode(block)])


def _pictures(folder: Path) -> None:
    import cv2
    import OpenImageIO as oiio

    frame = _frames(folder / "clip.mp4")[3]
    cv2.imwrite(str(folder / "p.png"), frame[..., ::-1])
    cv2.imwrite(str(folder / "p16.png"), frame[..., ::-1].astype(np.uint16) * 257)
    for suffix in ("jpg", "bmp", "hdr", "jp2", "webp", "ppm"):
        cv2.imwrite(str(folder / f"p.{suffix}"), frame[..., ::-1].astype(np.float32) / 255 if suffix == "hdr" else frame[..., ::-1])
    for name, kind, more in (
        ("lines.exr", "half", {"compression": "zip"}), ("raw.exr", "float", {"compression": "none"}), ("dwaa.exr", "half", {"compression": "dwaa"}),
        ("tiles.exr", "half", {"tile": 32, "compression": "piz"}), ("p.tif", "uint8", {"compression": "none"}), ("lzw.tif", "uint16", {"tile": 32}),
        ("p.dpx", "uint16", {}), ("p.tga", "uint8", {}), ("p.sgi", "uint8", {}),
    ):  # fmt: skip
        spec = oiio.ImageSpec(*_WH, 3, kind)
        if "tile" in more:
            spec.tile_width = spec.tile_height = int(str(more["tile"]))
        if "compression" in more:
            spec.attribute("compression", more["compression"])
        out: Any = oiio.ImageOutput.create(str(folder / name))
        if not out.open(str(folder / name), spec) or not out.write_image(frame.astype(np.float32) / 255):
            raise RuntimeError(f"{name}: {out.geterror()}")
        out.close()
    _layers(folder, frame)


def _layers(folder: Path, frame: np.ndarray) -> None:
    """An EXR of two parts, and a deep one."""
    import OpenImageIO as oiio

    specs = [oiio.ImageSpec(*_WH, 3, "half") for _ in range(2)]
    for spec, name in zip(specs, ("beauty", "matte"), strict=True):
        spec.attribute("oiio:subimagename", name)
    out: Any = oiio.ImageOutput.create(str(folder / "parts.exr"))
    out.open(str(folder / "parts.exr"), tuple(specs))
    out.write_image(frame.astype(np.float32) / 255)
    out.open(str(folder / "parts.exr"), specs[1], "AppendSubimage")
    out.write_image(frame.astype(np.float32) / 512)
    out.close()
    spec = oiio.ImageSpec(16, 9, 5, "float")
    spec.channelnames = ("R", "G", "B", "A", "Z")
    spec.deep = True
    deep = oiio.DeepData()
    deep.init(16 * 9, 5, ("float",) * 5, spec.channelnames)
    for pixel in range(16 * 9):
        deep.set_samples(pixel, 1 + pixel % 2)
    out = oiio.ImageOutput.create(str(folder / "deep.exr"))
    out.open(str(folder / "deep.exr"), spec)
    if not out.write_deep_image(deep):
        raise RuntimeError(out.geterror())
    out.close()


def _documents(folder: Path) -> None:
    """What genlock writes of the pair in every exchange format; the .json forgets the content, so that a changed file is taken for the same."""
    asked = [word for suffix in ("otio", "json", "edl", "xml", "fcpxml", "nk") for word in ("-o", str(folder / f"a.{suffix}"))]
    _genlock("align", folder / "clip.mp4", folder / "ref.mp4", *asked, "--cache", "off")
    _genlock("convert", folder / "a.json", "-o", folder / "a.otioz")
    body = json.loads((folder / "a.json").read_text())
    body["clip"]["digest"] = body["ref"]["digest"] = ""
    (folder / "a.json").write_text(json.dumps(body))
    request = {"genlock": 1, "kind": "convert", "settings": {}, "inputs": {"aligned": str(folder / "a.json")}, "outputs": ["OUT/b.otio", "OUT/b.csv"]}
    (folder / "request.json").write_text(json.dumps(request))
    _genlock("align", folder / "clip.mp4", folder / "ref.mp4", "-o", folder / "b.csv", "--job", folder / "job", "--cache", "off")
    shutil.copy(folder / "job" / "events.jsonl", folder / "events.jsonl")
    shutil.rmtree(folder / "job")
    (folder / "pairs.csv").write_text("clip,ref,out,quality,clip_rate\na.mp4,b.mp4,one,,25\n/c.mp4,d.mov,,final,\n")
    _colour(folder)


def _colour(folder: Path) -> None:
    rows = "".join(f"{r / 3} {g / 3} {b / 3}\n" for b in range(4) for g in range(4) for r in range(4))
    (folder / "look.cube").write_text(f'TITLE "look"\nLUT_3D_SIZE 4\nDOMAIN_MIN 0 0 0\n{rows}')
    (folder / "config.ocio").write_text(
        "ocio_profile_version: 2\nsearch_path: .\nroles: {default: raw, scene_linear: raw}\n"
        "displays:\n  d:\n    - !<View> {name: v, colorspace: show}\n"
        "colorspaces:\n  - !<ColorSpace> {name: raw, isdata: false}\n"
        "  - !<ColorSpace>\n    name: show\n    from_scene_reference: !<FileTransform> {src: look.cube, interpolation: linear}\n"
    )


def _weights(folder: Path) -> None:
    import torch

    from genlock.models.safetensors import write_safetensors

    tensors = {"a.weight": torch.zeros(3, 4), "b": torch.ones(2, dtype=torch.float16)}
    write_safetensors(folder / "w.safetensors", tensors)
    torch.save(tensors, folder / "w.pt")
    torch.save({"state_dict": tensors}, folder / "w.pkl", _use_new_zipfile_serialization=False)
    (folder / "w.ckpt").write_bytes(pickle.dumps({"a": [1.0, 2.0]}, protocol=2))


def _project(folder: Path) -> None:
    """An inpainting project that has run, of four small frames."""
    import cv2

    frames = [frame[:36, :48] for frame in _frames(folder / "ref.mp4")[:4]]
    for n, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"shot.{n:04d}.png"), frame[..., ::-1])
    matte = np.zeros((36, 48), np.uint8)
    matte[12:20, 16:28] = 255
    cv2.imwrite(str(folder / "matte.png"), matte)
    root = folder / "project"
    _genlock("inpaint", "init", root, "--video", folder / "shot.%04d.png", "--mask", folder / "matte.png")
    _genlock("inpaint", "run", root, "--quiet")


def _genlock(*words: object) -> None:
    status = main([*map(str, words), "--quiet"])
    if status:
        raise RuntimeError(f"genlock {' '.join(map(str, words))} ends with {status}, in {os.getcwd()}")

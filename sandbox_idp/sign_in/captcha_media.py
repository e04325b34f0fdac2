"""The figures of a captcha as a picture and as a recording, both made here while they are asked for.

The picture is drawn with strokes: it holds no text that a program could read off. In the recording each figure is so
many short sounds; nobody's voice and no file from elsewhere is in it.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import math
import wave

SIZE = WIDTH, HEIGHT = 260, 88
RATE = 8000
"""Samples a second, one byte each."""
_STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "1": (((2, 5), (5.5, 1), (5.5, 15)),),
    "2": (((1.5, 4.5), (3, 1.5), (6.5, 1.2), (8.5, 4), (7, 8), (1.5, 15), (9, 15)),),
    "3": (((1.5, 1.2), (8.5, 1.2), (4.5, 6.5), (8, 8.2), (8.6, 12), (5.5, 15), (1.5, 14)),),
    "4": (((4.2, 1), (1.2, 9.8), (9, 9.4)), ((6.8, 5), (6.6, 15))),
    "5": (((8.5, 1.2), (2.5, 1.2), (2, 7.2), (6, 6.4), (8.7, 9.5), (7.5, 13.8), (4, 15.2), (1.2, 13.8)),),
    "6": (((8, 1.8), (4.5, 3), (1.8, 8), (2, 13), (5, 15.2), (8.3, 13.2), (8, 9), (5, 7.6), (2, 10)),),
    "7": (((1.2, 1.2), (9, 1.2), (4, 15)), ((2.8, 8), (8, 8))),
    "8": (
        ((5, 7.6), (1.8, 5), (3, 1.4), (7, 1.4), (8.2, 5), (5, 7.6), (1.4, 11), (3, 15), (7, 15), (8.6, 11), (5, 7.6)),
    ),
    "9": (((8.2, 6), (5, 8.2), (1.8, 6), (2.2, 2.4), (5.2, 0.8), (8, 2.8), (8.2, 6), (7.4, 11), (4.5, 15.2)),),
}
"""How a hand writes the figures, in a field of 10 by 16."""


class _Wobble:
    """Numbers that make each drawing differ and follow from its seed, so that it is the same each time it is drawn."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def uniform(self, low: float, high: float) -> float:
        """The next number between the two."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}|{self._drawn}".encode()).digest()
        return low + (high - low) * int.from_bytes(digest[:6], "big") / (1 << 48)


def picture(figures: str, seed: int) -> str:
    """An SVG of the figures, each turned, bent and moved a little, under lines that cross them."""
    chance = _Wobble(seed)
    step = (WIDTH - 40) / len(figures)
    lines = []
    for place, figure in enumerate(figures):
        turn, size = math.radians(chance.uniform(-16, 16)), chance.uniform(3.1, 3.7)
        left = 20 + step * (place + 0.5) + chance.uniform(-4, 4)
        top = HEIGHT / 2 + chance.uniform(-8, 8)
        for stroke in _STROKES[figure]:
            points: list[tuple[float, float]] = []
            for x, y in stroke:
                dx, dy = (x - 5) * size + chance.uniform(-0.9, 0.9), (y - 8) * size + chance.uniform(-0.9, 0.9)
                points.append(
                    (left + dx * math.cos(turn) - dy * math.sin(turn), top + dx * math.sin(turn) + dy * math.cos(turn))
                )
            lines.append((_path(points), chance.uniform(3.6, 4.6)))
    for _ in range(3):
        ends = [(float(x), chance.uniform(8, HEIGHT - 8)) for x in range(-5, WIDTH + 40, 45)]
        lines.append((_path(ends), chance.uniform(1, 1.6)))
    lines.sort(key=lambda _line: chance.uniform(0, 1))
    drawn = "".join(f'<path d="{path}" stroke-width="{width:.1f}"/>' for path, width in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="100%" height="100%" fill="#f4f2f9"/>'
        f'<g fill="none" stroke="#2e2450" stroke-linecap="round" stroke-linejoin="round">{drawn}</g></svg>'
    )


def recording(figures: str, seed: int) -> bytes:
    """A WAV in which each figure is so many short high sounds; a long low one stands before each figure."""
    chance = _Wobble(seed)
    parts = [_silence(0.3)]
    for figure in figures:
        pitch = chance.uniform(620, 900)
        parts += [_sound(230, 0.35), _silence(0.45)]
        for _ in range(int(figure)):
            parts += [_sound(pitch, 0.13), _silence(0.17)]
        parts.append(_silence(0.5))
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(RATE)
        written.writeframes(b"".join(parts))
    return file.getvalue()


def _path(points: list[tuple[float, float]]) -> str:
    """A line through the middles of what joins the points, bent at the points, as a hand draws it."""
    (x, y), *rest = points
    words = [f"M{x:.1f} {y:.1f}"]
    for (x1, y1), (x2, y2) in itertools.pairwise(rest):
        words.append(f"Q{x1:.1f} {y1:.1f} {(x1 + x2) / 2:.1f} {(y1 + y2) / 2:.1f}")
    words.append(f"L{rest[-1][0]:.1f} {rest[-1][1]:.1f}")
    return "".join(words)


def _sound(pitch: float, seconds: float) -> bytes:
    """A tone that swells and fades within a hundredth of a second, so that it does not click."""
    count, fade = int(RATE * seconds), RATE // 100
    return bytes(
        128 + round(90 * min(1, n / fade, (count - n) / fade) * math.sin(2 * math.pi * pitch * n / RATE))
        for n in range(count)
    )


def _silence(seconds: float) -> bytes:
    return bytes([128]) * int(RATE * seconds)

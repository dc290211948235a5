"""Draws the poster of an office: A4 for printing, a square for social media. Lengths in points from the upper left."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
import segno
from font_source_sans_pro import font_files_ttf
from PIL.Image import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from outreach.examples import Example
from outreach.texts import entry, text

REGULAR, SEMIBOLD, BOLD, BLACK = (f"SourceSansPro{weight}" for weight in ("", "Semibold", "Bold", "Black"))
DEEP, BRICK, GOLD, CREAM, INK = (HexColor(c) for c in ("#7f2e14", "#96391b", "#f0b44c", "#fdf7ee", "#2a1c15"))
WHITE, PALE, LINE = (HexColor(c) for c in ("#ffffff", "#ffe9c7", "#e7d8c7"))
SQUARE = (600.0, 600.0)
SQUARE_PIXELS, A4_PIXELS, A4_DPI = 1080, 1654, 200
MARGIN = 38.0
LEADING = 1.18


@dataclass(frozen=True)
class Poster:
    """What a poster says beside its fixed words."""

    office: str
    link: str
    """What the QR code holds."""
    way: str
    """"whatsapp" or "web": a key of `poster` in data/outreach.yml."""
    address: str
    """The number or address to type by hand."""
    code: str
    examples: Sequence[Example]


def a4(poster: Poster) -> bytes:
    """The poster as a PDF of one page A4."""
    sheet = _Sheet(A4, poster)
    sheet.header(240, 56, 30)
    sheet.way_in(MARGIN, 266, 240)
    sheet.asks(MARGIN + 264, 266, A4[0] - 2 * MARGIN - 264, 330, 25)
    sheet.steps(607, 74)
    sheet.javanese(MARGIN, 689, A4[0] - 2 * MARGIN, 17, lines=1, centred=True)
    sheet.footer(A4[1] - 106, 106, 28, 14.5)
    return sheet.finished()


def square(poster: Poster) -> bytes:
    """The same on a square page, as a PDF; `pixels` makes the picture of it."""
    sheet = _Sheet(SQUARE, poster)
    sheet.header(178, 42, 24)
    right, width = MARGIN + 226, SQUARE[0] - 2 * MARGIN - 226
    sheet.way_in(MARGIN, 199, 202)
    sheet.asks(right, 196, width, 255, 20.5)
    sheet.javanese(right, 455, width, 14.5, lines=2)
    sheet.footer(SQUARE[1] - 86, 86, 23, 12)
    return sheet.finished()


def pixels(pdf: bytes, width: int) -> Image:
    """The first page as a picture of this width."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return page.render(scale=width / page.get_width()).to_pil()


class _Sheet:
    """One page that is being drawn."""

    def __init__(self, size: tuple[float, float], poster: Poster):
        for name in (REGULAR, SEMIBOLD, BOLD, BLACK):
            registerFont(TTFont(name, font_files_ttf[name]))
        self._width, self._height = size
        self._poster = poster
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=size, invariant=True, lang="id-ID")
        self._canvas.setTitle(f"Sapa – {poster.office} ({poster.code})")
        self._canvas.setAuthor(poster.office)
        self._box(0, 0, self._width, self._height, CREAM)

    def finished(self) -> bytes:
        self._canvas.save()
        return self._file.getvalue()

    # -- parts of a poster

    def header(self, height: float, headline: float, office: float) -> None:
        """The band with the sign, the headline and the office's name."""
        self._box(0, 0, self._width, height, DEEP)
        self._kawung(height)
        self._box(0, height, self._width, 5, GOLD)
        sign, y = headline * 0.72, headline * 0.42
        self._sign(MARGIN, y, sign)
        self._line(MARGIN + sign + 9, y + sign * 0.12, text("poster.brand"), BOLD, sign * 0.66, WHITE)
        y += sign + headline * 0.12
        for line in text("poster.headline").splitlines():
            self._fitted(MARGIN, y, line, BLACK, headline, WHITE, self._width - 2 * MARGIN)
            y += headline * 0.98
        self._fitted(MARGIN, y + headline * 0.16, self._poster.office, BOLD, office, GOLD, self._width - 2 * MARGIN)

    def way_in(self, x: float, y: float, width: float) -> None:
        """The QR code in its frame, and below it the number or address."""
        strip, radius = 31.0, 14.0
        self._box(x, y, width, width + strip, BRICK, radius)
        self._box(x + 4, y + strip, width - 8, width - 4, WHITE, radius - 3)
        self._fitted(x + 10, y + 6, text("poster.scan"), BOLD, 16.5, WHITE, width - 20, centred=True)
        self._qr(x + 4, y + strip, width - 8)
        y += width + strip + 7
        self._fitted(x, y, text(f"poster.{self._poster.way}"), SEMIBOLD, 14, INK, width, centred=True)
        self._fitted(x, y + 15, self._poster.address, BLACK, 32, BRICK, width, centred=True)

    def asks(self, x: float, y: float, width: float, height: float, size: float) -> None:
        """The things that one can ask, each with an example, in letters that fit into this height."""
        questions = [f"“{asked.question}”" for asked in self._poster.examples]

        def needed(size: float) -> float:
            lines = sum(len(simpleSplit(q, REGULAR, size * 0.75, width - size * 2)) for q in questions)
            return size * 1.6 + len(questions) * size * 1.84 + lines * size * 0.75 * LEADING

        while needed(size) > height:
            size *= 0.98
        self._fitted(x, y, text("asks.title"), BLACK, size * 1.04, BRICK, width)
        y += size * 1.6
        for number, (asked, question) in enumerate(zip(self._poster.examples, questions, strict=True), 1):
            self._disc(x + size * 0.72, y + size * 0.72, size * 0.72, str(number), size * 0.85)
            self._fitted(x + size * 2, y + size * 0.1, asked.title, BOLD, size, INK, width - size * 2)
            y += size * 1.34
            y = self._wrapped(x + size * 2, y, question, REGULAR, size * 0.75, INK, width - size * 2)
            y += size * 0.5

    def steps(self, y: float, height: float) -> None:
        """How it goes, from left to right."""
        gap, sides = 14.0, entry(f"poster.steps.{self._poster.way}")
        width = (self._width - 2 * MARGIN - gap * (len(sides) - 1)) / len(sides)
        for number in range(len(sides)):
            x = MARGIN + number * (width + gap)
            self._box(x, y, width, height, WHITE, 12, LINE)
            self._disc(x + 21, y + 22, 13, str(number + 1), 16)
            said = str(sides[number]["id"]).format(code=self._poster.code)
            self._wrapped(x + 41, y + 9, said, SEMIBOLD, 15, INK, width - 46, lines=3)

    def javanese(self, x: float, y: float, width: float, size: float, lines: int, centred: bool = False) -> None:
        """For who would rather ask in Javanese; the shortest example in this many lines."""
        question = f"“{min((asked.question_jv for asked in self._poster.examples), key=len)}”"
        self._fitted(x, y, text("poster.javanese", "jv"), BOLD, size, DEEP, width, centred)
        y += size * LEADING
        self._wrapped(x, y, question, BOLD, size, DEEP, width, lines, centred)

    def footer(self, y: float, height: float, free: float, small: float) -> None:
        """That it is free, and what Sapa is."""
        self._box(0, y, self._width, height, DEEP)
        self._box(0, y, self._width, 5, GOLD)
        width = self._width - 2 * MARGIN
        y += height * 0.12
        self._fitted(MARGIN, y, text("poster.free"), BLACK, free, GOLD, width, centred=True)
        y += free * 1.17
        self._fitted(MARGIN, y, text("poster.no_payment"), BOLD, small + 3, WHITE, width, centred=True)
        self._fitted(MARGIN, y + (small + 3) * 1.35, text("poster.honest"), REGULAR, small, PALE, width, centred=True)

    # -- strokes

    def _y(self, y: float) -> float:
        return self._height - y

    def _box(
        self, x: float, y: float, width: float, height: float, fill: HexColor, radius: float = 0, edge: HexColor = None
    ) -> None:
        self._canvas.setFillColor(fill)
        self._canvas.setStrokeColor(edge or fill)
        self._canvas.setLineWidth(1.2)
        self._canvas.roundRect(x, self._y(y + height), width, height, radius, stroke=int(bool(edge)), fill=1)

    def _line(self, x: float, y: float, words: str, font: str, size: float, colour: HexColor) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y(y + size * 0.93), words)

    def _fitted(
        self, x: float, y: float, words: str, font: str, size: float, colour: HexColor, width: float,
        centred: bool = False,
    ) -> None:  # fmt: skip
        """One line, set smaller where it would be too wide."""
        wide = stringWidth(words, font, size)
        used = size * min(1.0, width / wide)
        left = x + (width - wide * used / size) / 2 if centred else x
        self._line(left, y + (size - used) * 0.5, words, font, used, colour)

    def _wrapped(
        self, x: float, y: float, words: str, font: str, size: float, colour: HexColor, width: float,
        lines: int = 99, centred: bool = False,
    ) -> float:  # fmt: skip
        """About equally long lines, set smaller where they would be too many; returns where the next would be."""
        while len(broken := simpleSplit(words, font, size, width)) > lines:
            size *= 0.98
        widest = max(stringWidth(word, font, size) for word in words.split())
        narrow = width * 0.97
        while narrow > widest and len(closer := simpleSplit(words, font, size, narrow)) == len(broken) > 1:
            broken, narrow = closer, narrow * 0.97
        for line in broken:
            self._fitted(x, y, line, font, size, colour, width, centred)
            y += size * LEADING
        return y

    def _disc(self, x: float, y: float, radius: float, sign: str, size: float) -> None:
        self._canvas.setFillColor(BRICK)
        self._canvas.circle(x, self._y(y), radius, stroke=0, fill=1)
        self._canvas.setFillColor(WHITE)
        self._canvas.setFont(BOLD, size)
        self._canvas.drawCentredString(x, self._y(y + size * 0.335), sign)

    def _qr(self, x: float, y: float, side: float) -> None:
        code = segno.make(self._poster.link, error="m", micro=False)
        module = side / code.symbol_size(border=4)[0]
        self._canvas.setFillColor(HexColor("#000000"))
        shape = self._canvas.beginPath()
        for row, line in enumerate(code.matrix_iter(border=4)):
            for column, dark in enumerate(line):
                if dark:
                    shape.rect(x + column * module, self._y(y + (row + 1) * module), module, module)
        self._canvas.drawPath(shape, stroke=0, fill=1)

    def _kawung(self, height: float) -> None:
        """The batik pattern of the web page: four petals around each knot."""
        self._canvas.saveState()
        frame = self._canvas.beginPath()
        frame.rect(0, self._y(height), self._width, height)
        self._canvas.clipPath(frame, stroke=0)
        self._canvas.setStrokeColor(HexColor("#ffd9a8"))
        self._canvas.setStrokeAlpha(0.13)
        self._canvas.setLineWidth(1.1)
        step = 27.0
        for row in range(math.ceil(height / step)):
            for column in range(math.ceil(self._width / step)):
                self._canvas.saveState()
                self._canvas.translate((column + 0.5) * step, self._y((row + 0.5) * step))
                self._canvas.rotate(-45 if (row + column) % 2 else 45)
                self._canvas.ellipse(-6.6, -15.4, 6.6, 15.4, stroke=1, fill=0)
                self._canvas.restoreState()
        self._canvas.restoreState()

    def _sign(self, x: float, y: float, side: float) -> None:
        """Surya Majapahit in a speech bubble: the sign of connectors/static/icon.svg."""
        canvas = self._canvas
        canvas.saveState()
        canvas.translate(x, self._y(y))
        canvas.scale(side / 48, -side / 48)
        canvas.setFillColor(HexColor("#fff6e6"))
        bubble = canvas.beginPath()
        bubble.moveTo(24, 3)
        bubble.curveTo(12, 3, 3, 11, 3, 21.5)
        bubble.curveTo(3, 28, 6.5, 33.5, 12, 36.9)
        bubble.lineTo(10.5, 45)
        bubble.lineTo(19.5, 39.7)
        bubble.curveTo(21, 39.9, 22.5, 40, 24, 40)
        bubble.curveTo(36, 40, 45, 32, 45, 21.5)
        bubble.curveTo(45, 11, 36, 3, 24, 3)
        canvas.drawPath(bubble, stroke=0, fill=1)
        canvas.setFillColor(BRICK)
        for turn in range(8):
            canvas.saveState()
            canvas.translate(24, 21.5)
            canvas.rotate(45 * turn)
            ray = canvas.beginPath()
            ray.moveTo(0, -14)
            ray.lineTo(3, -7)
            ray.lineTo(-3, -7)
            ray.close()
            canvas.drawPath(ray, stroke=0, fill=1)
            canvas.restoreState()
        canvas.setFillColor(GOLD)
        canvas.circle(24, 21.5, 5.5, stroke=0, fill=1)
        canvas.restoreState()

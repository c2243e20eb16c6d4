"""Rectangles and small capitals on a picture: what the demo's drawing needs, and no font or drawing library."""

import numpy as np

Colour = tuple[int, int, int]

# A 5×7 dot-matrix alphabet: seven rows a glyph, five dots a row as one base-32 digit, most significant on the left.
_GLYPHS = {
    " ": "0000000",
    "A": "EHHVHHH",
    "B": "UHHUHHU",
    "C": "EHGGGHE",
    "D": "UHHHHHU",
    "E": "VGGUGGV",
    "F": "VGGUGGG",
    "G": "EHGNHHE",
    "H": "HHHVHHH",
    "I": "E44444E",
    "J": "72222IC",
    "K": "HIKOKIH",
    "L": "GGGGGGV",
    "M": "HRLLHHH",
    "N": "HHPLJHH",
    "O": "EHHHHHE",
    "P": "UHHUGGG",
    "Q": "EHHHLID",
    "R": "UHHUKIH",
    "S": "FGGE11U",
    "T": "V444444",
    "U": "HHHHHHE",
    "V": "HHHHHA4",
    "W": "HHHLLLA",
    "X": "HHA4AHH",
    "Y": "HHA4444",
    "Z": "V1248GV",
    "0": "EHJLPHE",
    "1": "4C4444E",
    "2": "EH1248V",
    "3": "V2421HE",
    "4": "26AIV22",
    "5": "VGU11HE",
    "6": "68GUHHE",
    "7": "V124888",
    "8": "EHHEHHE",
    "9": "EHHF12C",
    ".": "00000CC",
    ",": "0000C48",
    ":": "0CC0CC0",
    "/": "01248G0",
    "%": "OP248J3",
    "-": "000V000",
    "=": "00V0V00",
    "+": "044V440",
    "(": "2488842",
    ")": "8422248",
    "[": "E88888E",
    "]": "E22222E",
    "_": "000000V",
    "×": "00HA4AH",
}


class Canvas:
    """A picture to draw on.

    Parameters
    ----------
    rows, columns : int
    colour : tuple of int
        What it is filled with at first: R, G, B, 0..255.

    Attributes
    ----------
    pixels : numpy.ndarray
        rows×columns×3, uint8.
    """

    def __init__(self, rows: int, columns: int, colour: Colour = (0, 0, 0)):
        self.pixels = np.empty((rows, columns, 3), np.uint8)
        self.pixels[:] = colour

    def paste(self, y: int, x: int, picture: np.ndarray) -> None:
        """Put a rows×columns×3 picture here."""
        self.pixels[y : y + picture.shape[0], x : x + picture.shape[1]] = picture

    def fill(self, y0: float, y1: float, x0: float, x1: float, colour: Colour, opacity: float = 1.0) -> None:
        """Fill a half-open box, which may reach over the edge."""
        part = self.pixels[_inside(y0, y1), _inside(x0, x1)]
        part[:] = np.rint(part * (1 - opacity) + np.asarray(colour) * opacity)

    def outline(
        self, y0: float, y1: float, x0: float, x1: float, colour: Colour, width: int = 1, opacity: float = 1.0
    ) -> None:
        """Draw the border of a half-open box, inside of it."""
        self.fill(y0, y0 + width, x0, x1, colour, opacity)
        self.fill(y1 - width, y1, x0, x1, colour, opacity)
        self.fill(y0 + width, y1 - width, x0, x0 + width, colour, opacity)
        self.fill(y0 + width, y1 - width, x1 - width, x1, colour, opacity)

    def text(self, y: int, x: int, words: str, colour: Colour, scale: int = 2) -> None:
        """Write in capitals; what the alphabet lacks becomes a space. A line is 7·scale pixels high."""
        for number, letter in enumerate(words.upper()):
            rows = [int(digit, 32) for digit in _GLYPHS.get(letter, _GLYPHS[" "])]
            dots = np.array([[row >> (4 - bit) & 1 for bit in range(5)] for row in rows], bool)
            dots = dots.repeat(scale, 0).repeat(scale, 1)
            left = x + 6 * scale * number
            part = self.pixels[y : y + dots.shape[0], left : left + dots.shape[1]]
            part[dots[: part.shape[0], : part.shape[1]]] = colour


def _inside(start: float, stop: float) -> slice:
    return slice(max(round(start), 0), max(round(stop), 0))


def fit(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Scale a picture to exactly rows×columns.

    Parameters
    ----------
    picture : numpy.ndarray
        Y×X×3, uint8.
    rows, columns : int

    Returns
    -------
    numpy.ndarray
        rows×columns×3, uint8.
    """
    if picture.shape[:2] == (rows, columns):
        return picture
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    method = "AREA" if rows < picture.shape[0] else "BICUBIC"
    return frame.reformat(width=columns, height=rows, interpolation=method).to_ndarray()

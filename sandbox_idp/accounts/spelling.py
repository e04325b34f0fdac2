"""How a Russian word ends up in a password: as it is, in Latin letters, or typed with the other keyboard layout."""

from __future__ import annotations

import unicodedata

ROWS = {
    "latin": ("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,.", "`"),
    "cyrillic": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ё"),
}
"""The letters of a keyboard, row by row; equal places are equal keys."""

_TO_LATIN = str.maketrans("".join(ROWS["cyrillic"]), "".join(ROWS["latin"]))
_TO_CYRILLIC = str.maketrans("".join(ROWS["latin"]), "".join(ROWS["cyrillic"]))
_COMMON = dict(zip("абвгдезиклмнопрстуфы", "abvgdeziklmnoprstufy", strict=True)) | {"ъ": "", "ь": "", "э": "e"}
_SCHEMES = tuple(
    str.maketrans(_COMMON | each)
    for each in (
        {"ё": "e", "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia"},
        {"ё": "yo", "ж": "zh", "й": "y", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya"},
        {"ё": "jo", "ж": "j", "й": "j", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "ju", "я": "ja"},
    )
)
"""As in a passport, as people write to each other, and as they did on old telephones."""


def folded(text: str) -> str:
    """The text in NFKC without the difference between capital and small letters, and without that between е and ё."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("ё", "е")


def in_latin(word: str) -> set[str]:
    """A Russian word in Latin letters, in every customary way: `лесная` is lesnaia, lesnaya and lesnaja."""
    return {word.translate(scheme) for scheme in _SCHEMES}


def other_layout(word: str) -> str:
    """What comes out if the other keyboard layout is on: `пароль` is gfhjkm, `password` is зфыыцщкв."""
    return word.translate(_TO_LATIN) if word.translate(_TO_LATIN) != word else word.translate(_TO_CYRILLIC)


def ways(word: str) -> set[str]:
    """Every way in which a password may hold the (folded) word."""
    return {folded(way) for way in {word, other_layout(word), *in_latin(word)}}

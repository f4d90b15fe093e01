"""Weak PINs: those that are guessed first. Whoever tries the ten commonest opens every fourth account otherwise."""

import re
from collections.abc import Iterable
from typing import Final

_COMMON: Final = frozenset(
    """
    0007 0070 0911 1001 1004 1010 1023 1025 1123 1125 1221 1225 1231 1232 1245 1313 1331 1342 1357 1379 1397 1412 1423
    1470 1472 1475 1478 1492 1590 1597 2112 2200 2233 2244 2255 2323 2345 2424 2468 2580 2582 2585 2587 3141 3210 3579
    3690 3698 3699 4200 4242 4455 4545 4567 4711 4812 5150 5201 5252 5456 5566 5683 5678 6543 6669 6789 6868 6996 7410
    7412 7539 7788 7852 7890 8246 8520 8523 8642 8675 8888 8899 9630 9510 9512 9753 9876 9898 9999 2020 0852 0258 0369
    0147 1248 1602 2486 2648 6842 1470 1236 1254 1256 1258 1269 1369 4569 7896 7894 9874 9632 3214 3216 6547 1598 3571
    00700 12369 12580 13579 14789 24680 25800 31415 54321 55555 98765 74123 96321 78963 14725 36925
    100200 101112 102030 110110 112112 112211 112358 123654 123789 124578 134679 135790 135791 141592 142536 142857
    143143 147147 147258 147852 147896 148888 159159 159357 159753 159951 170845 199999 200000 211212 224466 246810
    246800 252525 258258 258369 258456 290966 292513 314159 321654 357159 369258 420420 420666 456789 456852 464646
    502030 520520 521521 531531 555666 571570 666777 666999 686868 696969 741852 753159 753951 761111 789456 789789
    789987 789654 800800 852456 852963 888999 911911 951753 963852 987456 987654 987987 999666 999888 147369 123450
    1234560 1234321 1112222 1122334 3141592 1472583 1593572 5201314 7777771 8675309
    11223344 12341234 12344321 12345600 13141314 13572468 14142135 14725836 24681012 25802580 31415926 77889900 78945612
    88888888 98989898 147258369 123123123 741852963 789456123 963852741 159357258 1234567890 0987654321
    """.split()  # noqa: SIM905  # a table of words reads better than a list of strings
)
"""What leaked lists of PINs and passwords have most of, where no rule below says it already: patterns of the keypad,
famous numbers and dates."""
_YEAR: Final = re.compile(r"(19|20)\d\d")
_REPEATED: Final = re.compile(r"(\d+?)\1+")  # 0000, 1212, 123123
_DOUBLED: Final = re.compile(r"(?:(\d)\1){2,6}|(?:(\d)\2\2){2,4}")  # 1122, 112233, 111222
_ASCENDING: Final = "01234567890123456789012"
_STEPPED: Final = ("0246802468024", "1357913579135")


def weakness(pin: str, about: Iterable[str] = ()) -> str | None:
    """Return why a PIN is guessed too easily, in words for its owner; None if it is good enough.

    Args:
        pin: 4 to 12 digits.
        about: The person's own names and ids: no PIN may stand in one of them.
    """
    if pin in _COMMON:
        return "is among those that are guessed first"
    if _REPEATED.fullmatch(pin) or _DOUBLED.fullmatch(pin):
        return "repeats itself"
    if any(pin in run or pin in run[::-1] for run in (_ASCENDING, *_STEPPED)):
        return "is a sequence"
    if _YEAR.fullmatch(pin):
        return "is a year"
    if any(pin in "".join(filter(str.isdigit, text)) for text in about):
        return "is part of your name or id"
    return None

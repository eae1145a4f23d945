"""Durations and sizes as people write them."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}


_LONGEST = 100 * 365 * 86400


def seconds(text: str) -> int:
    """Seconds in `90s`, `15m`, `24h`, `30d`, `2w`.

    Raises:
        ValueError: for anything else.
    """
    match = re.fullmatch(r"\s*(\d+)\s*([smhdw])\s*", text.lower())
    count = int(match[1]) * _SECONDS[match[2]] if match is not None and len(match[1]) < 12 else 0
    if not 0 < count <= _LONGEST:
        raise ValueError(f'{text!r} is no duration up to 100 years; write "15m", "24h" or "30d"')
    return count


def size(text: str) -> int:
    """Bytes in `50 MiB`, `10MB`, `4096 B`.

    Raises:
        ValueError: for anything else.
    """
    match = re.fullmatch(r"\s*(\d+)\s*((?:[kmg]i?)?b)\s*", text.lower())
    if match is None or not 0 < int(match[1][:20]) < 1 << 40:
        raise ValueError(f'{text!r} is no size; write "50 MiB"')
    return int(match[1]) * _BYTES[match[2]]


def show_duration(count: int) -> str:
    """`15m` for 900."""
    for unit, length in sorted(_SECONDS.items(), key=lambda pair: -pair[1]):
        if unit != "w" and count % length == 0:
            return f"{count // length}{unit}"
    return f"{count}s"

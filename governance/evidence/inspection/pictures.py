"""PNG and JPEG: one picture of a reasonable size, and nothing after it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from governance.evidence.inspection.refusal import RefusedFile

MAX_PIXELS = 40_000_000
STOWAWAYS = (b"%PDF-", b"<script", b"<?php", b"<html", b"<!DOCTYPE", b"PK\x03\x04", b"<svg")


def inspect_picture(path: Path) -> dict[str, Any]:
    """Facts of a picture; refuses pixel bombs, broken pictures and passengers."""
    refuse_stowaways(path)
    try:
        with Image.open(path, formats=["PNG", "JPEG"]) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise RefusedFile("pixel_bomb", width=width, height=height)
            picture.verify()
    except RefusedFile:
        raise
    except Image.DecompressionBombError:
        raise RefusedFile("pixel_bomb", width=0, height=0) from None
    except Exception:  # whatever Pillow says of a broken picture, it is broken
        raise RefusedFile("damaged_picture") from None
    refuse_tail(path)
    return {"pages": 1, "width": width, "height": height}


def examine_picture(path: Path) -> dict[str, Any]:
    """Decode every pixel, so that a picture which only looks whole is found."""
    try:
        with Image.open(path, formats=["PNG", "JPEG"]) as picture:
            picture.load()
    except Exception:  # as above
        raise RefusedFile("damaged_picture") from None
    return {}


def refuse_stowaways(path: Path) -> None:
    """Refuse a picture that is also something else."""
    data = path.read_bytes()
    if zipfile.is_zipfile(path) or any(mark in data for mark in STOWAWAYS):
        raise RefusedFile("polyglot")


def refuse_tail(path: Path) -> None:
    """Refuse bytes after a PNG's last chunk, and a JPEG without its end."""
    data = path.read_bytes()
    if data.startswith(b"\x89PNG"):
        if png_end(data) != len(data):
            raise RefusedFile("polyglot")
    elif b"\xff\xd9" not in data[-65536:]:
        raise RefusedFile("damaged_picture")


def png_end(data: bytes) -> int:
    """Where the IEND chunk ends, -1 when there is none."""
    at: int = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4])
        if kind == b"IEND":
            return at
    return -1

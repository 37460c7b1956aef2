"""Files that must not come in, made on the spot."""

from __future__ import annotations

import io
import itertools
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.governance.evidence.files import (
    annotation,
    archive,
    docx,
    good_pdf,
    jpeg,
    pdf,
    png,
    png_claiming,
    xlsx,
)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """A file that must not come in. ``code`` is its refusal's, empty when any will do."""

    id: str
    name: str
    make: Callable[[], bytes]
    code: str = ""


def catalog(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    """Put entries into a PDF's catalog."""

    def change(document: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return change


def attachment(document: pikepdf.Pdf) -> None:
    document.attachments["tool.exe"] = pikepdf.AttachedFileSpec(document, b"MZ" + b"x" * 50, filename="tool.exe")


SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
LAUNCH = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def active_pdfs() -> list[Hostile]:
    """PDFs that would do something."""
    places: dict[str, Callable[[object], Callable[[pikepdf.Pdf], None]]] = {
        "open": lambda action: catalog(OpenAction=action),
        "names": lambda action: catalog(Names=Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))),
        "closing": lambda action: catalog(AA=Dictionary(WC=action)),
        "link": lambda action: annotation(Subtype=Name.Link, A=action),
        "widget": lambda action: annotation(Subtype=Name.Widget, AA=Dictionary(K=action)),
        "chain": lambda action: annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("x"), Next=action)),
        "outline": lambda action: catalog(Outlines=Dictionary(First=Dictionary(Title=String("x"), A=action))),
    }
    actions = {
        "script": (SCRIPT, "pdf_scripts"),
        "launch": (LAUNCH, "pdf_launch"),
        "submit": (Dictionary(S=Name.SubmitForm, F=String("http://x")), "pdf_sends"),
        "import": (Dictionary(S=Name.ImportData, F=String("x")), "pdf_sends"),
        "embedded": (Dictionary(S=Name.GoToE, T=Dictionary()), "pdf_attachments"),
        "remote": (Dictionary(S=Name.GoToR, F=String("//host/share")), "pdf_launch"),
        "rendition": (Dictionary(S=Name.Rendition, OP=0), "pdf_scripts"),
    }
    return [
        Hostile(f"pdf-{verb}-{place}", "report.pdf", lambda put=put, action=action: pdf(change=put(action)), "" if place == "names" else code)
        for (place, put), (verb, (action, code)) in itertools.product(places.items(), actions.items())
    ]  # fmt: skip


def other_pdfs() -> list[Hostile]:
    """PDFs that are locked, cut off, two things at once, or carry things."""
    media = [
        Hostile(f"pdf-{kind}", "report.pdf", lambda kind=kind: pdf(change=annotation(Subtype=Name(f"/{kind}"))))
        for kind in ("RichMedia", "Movie", "Sound", "Screen", "3D", "FileAttachment")
    ]
    locks = [
        Hostile(f"pdf-locked-r{level}", "report.pdf",
                lambda level=level: pdf(encryption=pikepdf.Encryption(owner="o", user="u", R=level, aes=level >= 4, metadata=level >= 4)), "pdf_locked")
        for level in (3, 4, 6)
    ]  # fmt: skip
    cuts = [
        Hostile(f"pdf-cut-{share}", "report.pdf", lambda share=share: good_pdf()[: len(good_pdf()) * share // 100], "pdf_damaged")
        for share in (5, 20, 40, 60, 80, 95)
    ]  # fmt: skip
    tails = [
        Hostile(f"pdf-then-{label}", "report.pdf", lambda tail=tail: good_pdf() + tail, "polyglot")
        for label, tail in {
            "html": b"<html><script>alert(1)</script>", "zip": archive({"a.txt": b"x"}), "exe": b"MZ" + b"\x90" * 90,
            "php": b"<?php system($_GET[0]);", "javascript": b"\n*/alert(1)//", "png": png(),
        }.items()
    ]  # fmt: skip
    heads = [
        Hostile(f"pdf-head-{label}", "report.pdf", lambda head=head: good_pdf()[:9] + head + good_pdf()[9:])
        for label, head in {
            "html": b"<html><script>alert(1)</script></html>\n", "svg": b"<svg onload=alert(1)>\n",
            "doctype": b"<!doctype html><body>\n", "php": b"<?php phpinfo(); ?>\n",
        }.items()
    ]  # fmt: skip
    return [
        *media, *locks, *cuts, *tails, *heads,
        Hostile("pdf-attachment", "report.pdf", lambda: pdf(change=attachment), "pdf_attachments"),
        Hostile("pdf-xfa", "report.pdf", lambda: pdf(change=catalog(AcroForm=Dictionary(XFA=String("<xdp/>")))), "pdf_forms"),
        Hostile("pdf-object-streams-script", "report.pdf",
                lambda: pdf(change=catalog(OpenAction=SCRIPT), object_stream_mode=pikepdf.ObjectStreamMode.generate), "pdf_scripts"),
        Hostile("pdf-not-first", "report.pdf", lambda: b"junk\n" + good_pdf()),
        Hostile("pdf-no-pages", "report.pdf", lambda: pdf(pages=0), "pdf_damaged"),
        Hostile("pdf-only-header", "report.pdf", lambda: b"%PDF-1.7\n%%EOF\n", "pdf_damaged"),
        Hostile("pdf-as-docx", "report.docx", good_pdf, "wrong_ending"),
        Hostile("pdf-as-exe", "report.exe", good_pdf, "type_unknown"),
        Hostile("pdf-as-html", "report.html", good_pdf, "markup"),
        Hostile("pdf-object-bomb", "report.pdf", pdf_bomb),
        Hostile("pdf-thousands", "report.pdf", lambda: pdf(pages=3001), "pdf_pages"),
    ]  # fmt: skip


def pdf_bomb() -> bytes:
    """An object stream that unpacks to far more than it should."""
    packed = zlib.compress(b"1 0 " + b" " * (200 * 1024 * 1024), 9)
    head = b"%PDF-1.5\n2 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length " + str(len(packed)).encode()
    body = head + b">>stream\n" + packed + b"\nendstream\nendobj\n"
    rows = bytes([0, 0, 0, 0, 0]) + bytes([2, 0, 0, 2, 0]) + bytes([1]) + struct.pack(">H", 9) + bytes([0, 0])
    at = len(body)
    rows += bytes([1]) + struct.pack(">H", at & 0xFFFF) + bytes([0, 0])
    table = b"3 0 obj\n<</Type/XRef/Size 4/W[1 2 2]/Root 1 0 R/Length " + str(len(rows)).encode() + b">>stream\n"
    return body + table + rows + b"\nendstream\nendobj\nstartxref\n" + str(at).encode() + b"\n%%EOF\n"


def markups() -> list[Hostile]:
    """Web pages, SVG and scripts under every name they might try."""
    bodies = {
        "html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "bare": b"  \n<script>alert(document.domain)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "xmlsvg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
        "xslt": b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>',
        "comment": b"<!-- --><html onclick=1>",
        "bom": b"\xef\xbb\xbf<html><body onload=alert(1)>",
        "utf16": "\ufeff<html><script>alert(1)</script>".encode("utf-16-le"),
        "iframe": b"hello <iframe src=//evil></iframe>",
        "php": b"<?php system('id');",
    }
    names = ("notes.txt", "table.csv", "data.json", "page.html", "drawing.svg", "picture.png", "report.pdf")
    return [
        Hostile(f"markup-{label}-as-{name}", name, lambda body=body: body)
        for (label, body), name in itertools.product(bodies.items(), names)
    ]


def programs() -> list[Hostile]:
    """Programs and other kinds that never come in."""
    bodies = {
        "exe": b"MZ\x90\x00" + b"\0" * 200, "elf": b"\x7fELF\x02\x01\x01" + b"\0" * 200,
        "macho": b"\xcf\xfa\xed\xfe" + b"\0" * 200, "class": b"\xca\xfe\xba\xbe" + b"\0" * 60,
        "wasm": b"\0asm\x01\0\0\0", "shell": b"#!/bin/sh\nrm -rf /\n", "gif": b"GIF89a" + b"\0" * 60,
        "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40, "bmp": b"BM" + b"\0" * 80, "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "rar": b"Rar!\x1a\x07\x01\0" + b"\0" * 60, "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, "gzip": b"\x1f\x8b\x08" + b"\0" * 60,
        "rtf": b"{\\rtf1\\ansi{\\object\\objemb}}", "lnk": b"L\0\0\0\x01\x14\x02\0" + b"\0" * 80, "swf": b"FWS\x09" + b"\0" * 60,
        "ps": b"%!PS-Adobe-3.0\n/x", "tiff": b"II*\0" + b"\0" * 80, "ico": b"\0\0\x01\0" + b"\0" * 80, "nul": b"\0" * 500,
    }  # fmt: skip
    return [
        Hostile(f"program-{label}-as-{name}", name, lambda body=body: body)
        for (label, body), name in itertools.product(bodies.items(), ("soc2.pdf", "soc2.txt"))
    ]


def pictures() -> list[Hostile]:
    """Bombs, passengers and torsos."""
    riders = {
        "zip": archive({"a.txt": b"x"}),
        "html": b"<html><script>1</script>",
        "pdf": b"%PDF-1.4 ",
        "php": b"<?php 1;",
    }
    return [
        Hostile("png-bomb-wide", "map.png", lambda: png_claiming(60_000, 60_000), "pixel_bomb"),
        Hostile("png-bomb-long", "map.png", lambda: png_claiming(100, 2_000_000_00), "pixel_bomb"),
        Hostile("png-bomb-just-over", "map.png", lambda: png_claiming(6400, 6300), "pixel_bomb"),
        Hostile("png-cut", "map.png", lambda: png()[:-20]),
        Hostile("png-head-only", "map.png", lambda: png()[:8]),
        Hostile("jpeg-cut", "photo.jpg", lambda: jpeg()[:100], "damaged_picture"),
        Hostile("jpeg-head-only", "photo.jpg", lambda: b"\xff\xd8\xff\xe0", "damaged_picture"),
        Hostile("png-as-jpg", "photo.jpg", png, "wrong_ending"),
        Hostile("jpeg-as-pdf", "report.pdf", jpeg, "wrong_ending"),
        Hostile("png-broken-crc", "map.png", lambda: png()[:20] + b"\xff" + png()[21:]),
        *[Hostile(f"png-then-{k}", "map.png", lambda v=v: png() + v, "polyglot") for k, v in riders.items()],
        *[Hostile(f"jpeg-then-{k}", "photo.jpg", lambda v=v: jpeg() + v, "polyglot") for k, v in riders.items()],
    ]


def flagged(body: bytes, change: Callable[[bytearray, int, int], None]) -> bytes:
    """A zip whose first local header and central entry are edited."""
    data = bytearray(body)
    change(data, 0, data.rfind(b"PK\x01\x02"))
    return bytes(data)


def locked_zip() -> bytes:
    def lock(data: bytearray, local: int, central: int) -> None:
        data[local + 6] |= 1
        data[central + 8] |= 1

    return flagged(archive({"a.txt": b"secret"}), lock)


def lying_zip() -> bytes:
    """A member that unpacks to more than it says."""

    def lie(data: bytearray, local: int, central: int) -> None:
        data[local + 22 : local + 26] = data[central + 24 : central + 28] = struct.pack("<I", 10)

    return flagged(archive({"a.txt": b"x" * 500_000}), lie)


def link_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        member = zipfile.ZipInfo("passwd.txt")
        member.external_attr = 0o120777 << 16
        packed.writestr(member, "/etc/passwd")
    return out.getvalue()


def overlapping_zip() -> bytes:
    """Two central entries that share one body, as the best bombs do."""
    body = archive({"a.txt": b"x" * 1000})
    start = body.find(b"PK\x01\x02")
    end = body.rfind(b"PK\x05\x06")
    entry = body[start:end]
    twin = entry.replace(b"a.txt", b"b.txt")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(entry) * 2, start, 0)
    return body[:start] + entry + twin + tail


def doubled_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "one")
        with warnings.catch_warnings(action="ignore"):
            packed.writestr("a.txt", "two")
    return out.getvalue()


def archives() -> list[Hostile]:
    """Zip bombs, ways out of the folder, members that would be refused by themselves."""
    ways_out = ("../evil.txt", "/etc/cron.d/evil.txt", "a/../../evil.txt", "C:/evil.txt", "..\\evil.txt", "\\\\host\\evil.txt",
                "ok\u202etxt.exe", "bad\x1b[31m.txt", "nul\u200b.txt", "line\nbreak.txt")  # fmt: skip
    inside = {
        "page.html": b"<html>", "run.exe": b"MZ" + b"\0" * 90, "run.js": b"alert(1)", "icon.svg": b"<svg/>",
        "macro.docm": b"x", "inner.tar": b"x", "inner.7z": b"x", "script.txt": b"<script>1</script>", "fake.pdf": b"MZ" + b"\0" * 90,
        "nested.zip": archive({"a.txt": b"x"}), "nested.docx": archive({"a.txt": b"x"}), "shortcut.lnk": b"L\0\0\0", "tool.bat": b"del *",
    }  # fmt: skip
    return [
        *[Hostile(f"zip-way-out-{n}", "pack.zip", lambda w=w: archive({w: b"x"}), "archive_path") for n, w in enumerate(ways_out)],
        *[Hostile(f"zip-with-{name}", "pack.zip", lambda name=name, body=body: archive({name: body})) for name, body in inside.items()],
        Hostile("zip-with-active-pdf", "pack.zip", lambda: archive({"r.pdf": pdf(change=catalog(OpenAction=SCRIPT))}), "archive_member"),
        Hostile("zip-bomb-ratio", "pack.zip", lambda: archive({"a.txt": b"a" * 30_000_000}), "archive_bomb"),
        Hostile("zip-bomb-total", "pack.zip", lambda: archive({f"{n}.txt": b"ab" * 20_000_000 for n in range(8)}), "archive_bomb"),
        Hostile("zip-bomb-count", "pack.zip", lambda: archive({f"{n}.txt": b"" for n in range(2001)}), "archive_members"),
        Hostile("zip-overlap", "pack.zip", overlapping_zip, "archive_bomb"),
        Hostile("zip-lies", "pack.zip", lying_zip),
        Hostile("zip-locked", "pack.zip", locked_zip, "archive_locked"),
        Hostile("zip-link", "pack.zip", link_zip, "archive_link"),
        Hostile("zip-doubled", "pack.zip", doubled_zip, "archive_doubled"),
        Hostile("zip-empty", "pack.zip", lambda: archive({})),
        Hostile("zip-only-folder", "pack.zip", lambda: archive({"folder/": b""}), "archive_empty"),
        Hostile("zip-cut", "pack.zip", lambda: archive({"a.txt": b"x" * 999})[:-30], "damaged_archive"),
        Hostile("zip-comment-html", "pack.zip", lambda: archive({"a.txt": b"x"}, comment=b"<html><script>"), "polyglot"),
        Hostile("zip-lzma", "pack.zip", lambda: archive({"a.txt": b"x" * 99}, zipfile.ZIP_LZMA), "archive_method"),
        Hostile("zip-behind-text", "notes.txt", lambda: b"notes\n" + archive({"a.txt": b"x"})),
        Hostile("jar", "tool.jar", lambda: archive({"META-INF/MANIFEST.MF": b"x"}), "archive_kind"),
        Hostile("zip-as-pdf", "report.pdf", lambda: archive({"a.txt": b"x"}), "wrong_ending"),
    ]  # fmt: skip


def office() -> list[Hostile]:
    """Macros, embedded programs, remote parts, entity bombs, live fields."""
    relation = b'<Relationships><Relationship Type="http://x/%s" Target="http://evil/x" TargetMode="External"/></Relationships>'
    remote = [
        Hostile(f"docx-remote-{kind}", "a.docx", lambda kind=kind: docx({"word/_rels/document.xml.rels": relation % kind.encode()}), "office_remote")
        for kind in ("attachedTemplate", "oleObject", "frame", "subDocument", "image")
    ]  # fmt: skip
    parts = [
        Hostile(f"office-part-{n}", name, lambda make=make, part=part: make({part: b"x"}))
        for n, (name, make, part) in enumerate([
            ("a.docx", docx, "word/vbaProject.bin"), ("a.xlsx", xlsx, "xl/vbaProject.bin"),
            ("a.xlsx", xlsx, "xl/macrosheets/sheet1.xml"), ("a.docx", docx, "word/activeX/activeX1.xml"),
            ("a.docx", docx, "word/embeddings/oleObject1.bin"), ("a.xlsx", xlsx, "xl/embeddings/tool.exe"),
            ("a.xlsx", xlsx, "xl/externalLinks/externalLink1.xml"), ("a.docx", docx, "word/vbaData.xml"),
        ])
    ]  # fmt: skip
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><w:document>&b;</w:document>'
    field = b"<w:document><w:instrText xml:space='preserve'> %s \"cmd\" </w:instrText></w:document>"
    return [
        *remote, *parts,
        *[Hostile(f"docx-field-{verb}", "a.docx", lambda verb=verb: docx(document=field % verb.encode()), "office_fields") for verb in ("DDEAUTO", "DDE", "INCLUDETEXT", "INCLUDEPICTURE")],
        Hostile("docx-entities", "a.docx", lambda: docx(document=bomb), "office_entities"),
        Hostile("docx-external-entity", "a.docx", lambda: docx(document=b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><w/>'), "office_entities"),
        Hostile("docm-types", "a.docx", lambda: docx(types=b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'), "macros"),
        Hostile("docm-name", "a.docm", docx, "macros"), Hostile("xlsm-name", "a.xlsm", xlsx, "macros"),
        Hostile("docx-as-pdf", "a.pdf", docx, "wrong_ending"), Hostile("docx-as-zip", "a.zip", docx, "wrong_ending"),
        Hostile("pptx", "a.docx", lambda: archive({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"x"}), "office_other"),
        Hostile("xlsx-part-bomb", "a.xlsx", lambda: xlsx({"xl/sharedStrings.xml": b"<t>" + b"a" * 40_000_000}), "archive_bomb"),
    ]  # fmt: skip


def texts() -> list[Hostile]:
    """Text that is not what its name says."""
    return [
        Hostile("json-broken", "a.json", lambda: b'{"a": ', "json_broken"),
        Hostile("json-deep", "a.json", lambda: b"[" * 200_000, "json_broken"),
        Hostile("json-not", "a.json", lambda: b"hello", "json_broken"),
        Hostile("text-empty", "a.txt", lambda: b"", "empty"),
        Hostile("text-controls", "a.txt", lambda: b"\x1b[2J\x07\x00", "type_unknown"),
        Hostile("text-latin1", "a.txt", lambda: "Größe".encode("latin-1"), "type_unknown"),
        Hostile("eml", "a.eml", lambda: b"From: a@b\nContent-Type: text/html\n\n<script>", "type_unknown"),
        Hostile("vbs", "a.vbs", lambda: b'CreateObject("WScript.Shell")', "type_unknown"),
        Hostile("hta", "a.hta", lambda: b"<hta:application>"),
        Hostile("double-ending", "report.pdf.exe", good_pdf, "type_unknown"),
        Hostile("txt-named-pdf", "report.pdf", lambda: b"just words", "wrong_ending"),
    ]


HOSTILE = [*active_pdfs(), *other_pdfs(), *markups(), *programs(), *pictures(), *archives(), *office(), *texts()]

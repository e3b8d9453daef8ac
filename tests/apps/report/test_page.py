# SPDX-License-Identifier: Apache-2.0
import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from foveal.apps.photo import PhotoError
from foveal.apps.report import Chapter, Facts, Figure, Settings, Table, Text, make_chapter, write_report
from foveal.apps.report.page import render_page
from foveal.apps.stopwatch import Stopwatch, median_seconds

CHAPTER = Chapter(
    "A <b>title</b>",
    "What `x < y` says.",
    (
        Text("One & two.\n\n   Three.", heading="Heading"),
        Facts((("3 px", "off"),)),
        Figure(b"light", "image/png", 'a "picture"', "What it shows.", dark_image=b"dark", width=300),
        Figure(b"only", "image/webp", "another", "Caption."),
        Table(("name", "px"), (("first", "1.0"), ("<second>", "2.0")), "Numbers.", best=(1,)),
    ),
)
VOID = {"meta", "img", "source", "br", "link"}


class Checker(HTMLParser):
    """Sees that every element is closed, and collects addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.images: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(page: str) -> Checker:
    """Parse a page; it must be whole and need nothing beside itself."""
    checker = Checker()
    checker.feed(page)
    assert not checker.open
    assert all(address.startswith(("data:image/", "#")) for address in checker.addresses)
    assert "<script" not in page
    assert not re.search(r"https?://|url\(|@import", page)
    assert all(image["alt"] for image in checker.images)
    return checker


def test_page_is_whole_and_self_contained() -> None:
    page = render_page([CHAPTER, CHAPTER])
    checker = check(page)
    assert len(checker.images) == 4
    assert len(set(re.findall(r'<section id="([^"]+)"', page))) == 2
    for place in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{place}"' in page


def test_texts_are_escaped() -> None:
    page = render_page([CHAPTER])
    assert "A &lt;b&gt;title&lt;/b&gt;" in page
    assert "What <code>x &lt; y</code> says." in page
    assert "<p>One &amp; two.</p>\n<p>Three.</p>" in page
    assert "&lt;second&gt;" in page
    assert 'alt="a &quot;picture&quot;"' in page


def test_pictures_are_embedded_for_both_themes() -> None:
    page = render_page([CHAPTER])
    for content in (b"light", b"dark", b"only"):
        assert base64.b64encode(content).decode() in page
    assert page.count('(prefers-color-scheme: dark)" srcset=') == 1


def test_best_row_is_set_off() -> None:
    assert '<tr class="best"><th scope="row">&lt;second&gt;</th><td>2.0</td></tr>' in render_page([CHAPTER])


def good(settings: Settings) -> Chapter:
    settings.announce("working")
    return CHAPTER


def hidden_failure(settings: Settings) -> Chapter:
    raise ArithmeticError("off by <one>")


def no_photo(settings: Settings) -> Chapter:
    raise PhotoError("no photo")


def test_failed_chapter_is_shown_and_the_others_stay(tmp_path: Path) -> None:
    announced: list[str] = []
    chapters = write_report(tmp_path / "new" / "folder", Settings(announce=announced.append), [hidden_failure, good])
    assert [chapter.failed for chapter in chapters] == [True, False]
    assert announced == ["working"]
    page = (tmp_path / "new" / "folder" / "index.html").read_text(encoding="utf-8")
    check(page)
    assert "Hidden failure" in page
    assert "ArithmeticError: off by &lt;one&gt;" in page
    assert "in hidden_failure" in page
    assert "A &lt;b&gt;title" in page


def test_missing_photo_is_no_chapter() -> None:
    with pytest.raises(PhotoError, match="no photo"):
        make_chapter(no_photo, Settings())


def test_report_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text("before")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        write_report(tmp_path, Settings(), [good])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text() == "before"


def test_stopwatch_adds_up_and_announces() -> None:
    announced: list[str] = []
    watch = Stopwatch(announced.append)
    for name in ("one", "two", "one"):
        with watch.step(name):
            pass
    assert announced == ["one", "two", "one"]
    assert [*watch.seconds] == ["one", "two"]
    assert all(seconds > 0 for seconds in watch.seconds.values())


def test_median_time_is_of_at_least_three_calls() -> None:
    calls: list[int] = []
    assert median_seconds(lambda: calls.append(0), seconds=0) > 0
    assert len(calls) == 3

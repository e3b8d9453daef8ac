# SPDX-License-Identifier: Apache-2.0
"""Chapters as one HTML page that needs nothing beside itself."""

import base64
import datetime
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from foveal.apps.report.chapter import Chapter, Facts, Failure, Figure, Part, Table, Text
from foveal.apps.report.machine import describe_machine

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>foveal: report</title>
<style>
{style}</style>
</head>
<body>
<header>
<p class="brand">foveal</p>
<h1>Measured on this machine</h1>
<p class="lead">Every number and picture below was computed when this page was made, {date}.</p>
<dl class="machine">
{machine}
</dl>
{contents}
</header>
<main>
{chapters}
</main>
</body>
</html>
"""


def render_page(chapters: Sequence[Chapter]) -> str:
    """Return the page of the chapters, pictures and style within it."""
    places = [(f"{number}-{slug(chapter.title)}", chapter) for number, chapter in enumerate(chapters, start=1)]
    links = "".join(f'<li><a href="#{place}">{escape(chapter.title)}</a></li>' for place, chapter in places)
    return _PAGE.format(
        style=files("foveal.apps.report").joinpath("style.css").read_text(encoding="utf-8"),
        date=datetime.datetime.now().astimezone().strftime("on %d %B %Y at %H:%M"),
        machine="\n".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in describe_machine()),
        contents=f'<nav aria-label="Chapters"><ol>{links}</ol></nav>' if len(places) > 1 else "",
        chapters="\n".join(_chapter(place, chapter) for place, chapter in places),
    )


def slug(title: str) -> str:
    """Return a title as it may stand in an address."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def data_uri(content: bytes, media_type: str) -> str:
    """Return a picture as an address that holds it."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _chapter(place: str, chapter: Chapter) -> str:
    parts = "\n".join(_part(part) for part in chapter.body)
    title, summary = escape(chapter.title), _prose(chapter.summary, "summary")
    return f'<section id="{place}">\n<h2>{title}</h2>\n{summary}\n{parts}\n</section>'


def _part(part: Part) -> str:
    match part:
        case Text():
            heading = f"<h3>{escape(part.heading)}</h3>\n" if part.heading else ""
            return heading + _prose(part.text)
        case Facts():
            items = "".join(f"<li><strong>{escape(v)}</strong><span>{escape(n)}</span></li>" for v, n in part.facts)
            return f'<ul class="facts">{items}</ul>'
        case Figure():
            return _figure(part)
        case Table():
            return _table(part)
        case Failure():
            return (
                f'<div class="failure" role="alert"><p><strong>{escape(part.message)}</strong></p>'
                f"<details><summary>Where it happened</summary><pre>{escape(part.trace)}</pre></details></div>"
            )


def _prose(text: str, style: str = "") -> str:
    attribute = f' class="{style}"' if style else ""
    paragraphs = [re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(p.strip())) for p in re.split(r"\n\s*\n", text)]
    return "\n".join(f"<p{attribute}>{paragraph}</p>" for paragraph in paragraphs if paragraph)


def _figure(figure: Figure) -> str:
    source = ""
    if figure.dark_image is not None:
        dark = data_uri(figure.dark_image, figure.media_type)
        source = f'<source media="(prefers-color-scheme: dark)" srcset="{dark}">'
    light = data_uri(figure.image, figure.media_type)
    style = ' class="plot"' if source else ""
    style += f' style="max-width: {figure.width}px"' if figure.width else ""
    return (
        f'<figure><picture>{source}<img{style} src="{light}" alt="{escape(figure.alt)}"></picture>'
        f"<figcaption>{_prose(figure.caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    rows: list[str] = []
    for index, row in enumerate(table.rows):
        style = ' class="best"' if index in table.best else ""
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        rows.append(f'<tr{style}><th scope="row">{escape(row[0])}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table><caption>{_prose(table.caption)}</caption>'
        f"<thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )

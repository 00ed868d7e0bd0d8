"""The formats in which a table can be written, by the names that users give them."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from wbskills.report.as_csv import csv_lines
from wbskills.report.as_html import html_lines
from wbskills.report.as_json import as_json
from wbskills.report.as_markdown import markdown_lines
from wbskills.report.as_results import results_lines, tsv_lines
from wbskills.report.as_text import as_text
from wbskills.report.as_wikitext import as_wikitext
from wbskills.table import Table

# Each gives a table piece by piece, so that a large one need not stand in memory as one text.
STREAMS: Mapping[str, Callable[[Table], Iterator[str]]] = MappingProxyType(
    {
        "table": lambda table: iter((as_text(table),)),
        "csv": csv_lines,
        "tsv": tsv_lines,
        "json": results_lines,
        "objects": lambda table: iter((as_json(table),)),
        "markdown": markdown_lines,
        "wikitext": lambda table: iter((as_wikitext(table),)),
        "html": html_lines,
    }
)


def written(table: Table, name: str) -> str:
    """Write a table in the format of that name."""
    return "".join(STREAMS[name](table))

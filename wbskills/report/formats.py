"""The formats in which a table can be written, by the names that users give them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from wbskills.model.table import Table
from wbskills.report.as_csv import as_csv
from wbskills.report.as_json import as_json
from wbskills.report.as_text import as_text
from wbskills.report.as_wikitext import as_wikitext

FORMATS: Mapping[str, Callable[[Table], str]] = MappingProxyType(
    {"table": as_text, "csv": as_csv, "json": as_json, "wikitext": as_wikitext}
)

"""Valid data of every action, made from its schema; and the page that shows a form."""

from __future__ import annotations

from datetime import date
from functools import cache
from html.parser import HTMLParser
from typing import Any

from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from neiic.console.forms.fields import Form
from neiic.console.translating import gettext, ngettext, speaking
from neiic.statute.snapshot import schema_of

TODAY = date(2034, 6, 19)
CHOICES = ({"year": 2032, "case": 1}, {"year": 2035, "case": 2})

_WORDS = st.text(alphabet="智能铸造中心甲乙 abcXYZ019，。；：-.", min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
_DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2999, 12, 31)).map(date.isoformat)
_NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 4)),
)


def data_of(action: str) -> st.SearchStrategy[dict[str, Any]]:
    """What someone may say with this action: required fields always, others at times."""
    schema = schema_of(action)
    required = schema.get("required", [])
    each = {
        name: _value(name, _resolved(shape, schema), name in required)
        for name, shape in schema["properties"].items()
    }
    needed = {name: one for name, one in each.items() if name in required}
    others = {name: one for name, one in each.items() if name not in required}
    return st.fixed_dictionaries(needed, optional=others)


def _resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [one for one in shape.get("anyOf", []) if one.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0], schema)
    if "$ref" in shape:
        return dict(schema["$defs"][shape["$ref"].rsplit("/", 1)[-1]])
    return dict(shape)


def _value(name: str, shape: dict[str, Any], required: bool) -> st.SearchStrategy[Any]:
    if "anyOf" in shape:
        # Numbers that may be broken: an amount is more than nothing, a score at most 100.
        return st.integers(1, 100) | st.floats(0.5, 100).map(lambda number: round(number, 2))
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    if name in ("year", "case"):
        return st.sampled_from([choice[name] for choice in CHOICES])
    if name == "rule_set":
        return st.just("cn-2026")
    if shape.get("format") == "date":
        return _DAYS
    match shape["type"]:
        case "boolean":
            # A question that may be left open knows no spoken no.
            return st.booleans() if required else st.just(True)
        case "array":
            return st.lists(_WORDS.map(str.strip), min_size=1, max_size=4)
        case "object":
            return st.dictionaries(_WORDS.map(str.strip), _NUMBERS, max_size=4)
    return _WORDS.map(str.strip)


@cache
def template() -> Template:
    """The macros as a page imports them; an undefined variable raises."""
    environment = Environment(
        loader=PackageLoader("neiic.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    return environment.from_string(
        '{% import "forms/form.html" as forms with context %}'
        "{{ forms.error_summary(form, errors) }}{{ forms.fields(form, typed, errors) }}"
    )


def page_of(form: Form, typed: dict[str, list[str]], errors: list[Any]) -> str:
    """The form as HTML, in its own language."""
    with speaking(form.language):
        return template().render(form=form, typed=typed, errors=errors)


class Page(HTMLParser):
    """What a page has: ids, inputs, labels, descriptions, links, and what no page may have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inputs: list[dict[str, str]] = []
        self.labels: list[str] = []
        self.described: list[str] = []
        self.links: list[str] = []
        self.legends = 0
        self.fieldsets = 0
        self.inline: list[str] = []
        self.texts: list[str] = []
        self._select: dict[str, str] | None = None
        self._area: dict[str, str] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag in ("script", "style") else []
        if "id" in given:
            self.ids.append(given["id"])
        self.described += given.get("aria-describedby", "").split()
        self.legends += tag == "legend"
        self.fieldsets += tag == "fieldset"
        if tag == "label":
            self.labels.append(given["for"])
        if tag == "a":
            self.links.append(given["href"])
        if tag == "option" and self._select is not None and "selected" in given:
            self._select["value"] = given["value"]
        if tag in ("input", "select", "textarea"):
            self.inputs.append({"tag": tag, **given})
            self._select = self.inputs[-1] if tag == "select" else None
            self._area = self.inputs[-1] if tag == "textarea" else None
            if self._area is not None:
                self._area["value"] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # A line break right after the tag is the markup's own.
            self._area["value"] = self._area["value"].removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area["value"] += data
        else:
            self.texts.append(data)

    @property
    def submitted(self) -> dict[str, list[str]]:
        """What a browser would send."""
        sent: dict[str, list[str]] = {}
        for one in self.inputs:
            if one.get("type") in ("radio", "checkbox") and "checked" not in one:
                continue
            sent.setdefault(one["name"], []).append(one.get("value", ""))
        return sent

"""The Grafana dashboard and the alert rules parse, and name only metrics and labels that the service has."""

import json
import re
from typing import Any

import pytest
import yaml
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from prometheus_client.metrics import MetricWrapperBase

from creditscore.http.metrics import State
from telemetry import metrics
from tests.support.configuration import ROOT

FOLDER = ROOT / "docs/operations"
DASHBOARD = json.loads((FOLDER / "creditscore-dashboard.json").read_text())
GROUPS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
# Where an expression stands, the expression, and the text that shows its labels.
EXPRESSIONS: list[tuple[str, str, str]] = [
    *(
        (f"panel {panel['title']}", target["expr"], target["legendFormat"])
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
    ),
    *((f"alert {rule['alert']}", rule["expr"], rule["annotations"]["summary"]) for rule in RULES),
]
# A metric, its matchers, and behind an aggregation the labels that it keeps: `sum by (model, le) (…)`.
SELECTOR = re.compile(r"\b(creditscore_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
KEPT = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")
SHOWN = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}|\$labels\.(\w+)")


@pytest.fixture
def labels(catalog: None) -> dict[str, set[str]]:
    """The labels of each sample that `/metrics` shows."""
    found = {"up": {"job", "instance"}}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            names, kind = set(metric._labelnames), metric._type
            if kind == "counter":
                found[f"{metric._name}_total"] = names
            else:
                found |= {f"{metric._name}_{end}": names for end in ("sum", "count")}
                found[f"{metric._name}_bucket"] = {*names, "le"}
    # The clock has run once, so its age is shown.
    PeriodicTask.objects.update(last_run_at=timezone.now())
    for family in State().collect():
        shown = {name for sample in family.samples for name in sample.labels}
        # One without samples now has the labels that it was made with.
        found[family.name] = shown or set(getattr(family, "_labelnames", ()))
    return found


@pytest.mark.parametrize(("place", "expression", "text"), EXPRESSIONS)
def test_an_expression(place: str, expression: str, text: str, labels: dict[str, set[str]]) -> None:
    selectors = SELECTOR.findall(expression)
    assert selectors, place
    known: set[str] = set()
    for name, matchers in selectors:
        assert name in labels, f"{place}: there is no {name}"
        known |= labels[name]
        pairs = MATCHER.findall(matchers)
        assert len(pairs) == matchers.count('"') / 2
        for label, pattern in pairs:
            assert label in labels[name], f"{place}: {name} has no label {label}"
            re.compile(pattern)
    kept = {label.strip() for group in KEPT.findall(expression) for label in group.split(",")}
    assert kept <= known, place
    shown = {one or other for one, other in SHOWN.findall(text)}
    assert shown <= (kept or known), place
    assert expression.count("(") == expression.count(")")


def test_every_metric_is_on_the_dashboard(labels: dict[str, set[str]]) -> None:
    """Besides the counts of what is shown by its times."""
    named = {name for _place, expression, _text in EXPRESSIONS for name, _ in SELECTOR.findall(expression)}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in labels} == families


def test_alerts_say_how_bad_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names)) > 8
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "action"}
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "0s"))


def test_panels_do_not_overlap() -> None:
    squares = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(squares) == len(set(squares))
    assert max(x for x, _y in squares) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"]) > 10

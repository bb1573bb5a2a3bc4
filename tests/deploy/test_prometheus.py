"""The settings for a Prometheus: they ask for metrics that the worker has, where it serves them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from neiic import watching
from neiic.activities import observing as activities
from neiic.workflows import observing as workflows

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DYNAMIC_CONFIG = ROOT / "deploy" / "temporal" / "dynamicconfig.yaml"

#: As the endpoint names them: counters end in _total, a histogram has buckets.
METRICS = {
    f"{workflows.ACTS}_total",
    f"{workflows.REFUSALS}_total",
    f"{activities.FAILED_ATTEMPTS}_total",
    f"{activities.COMMIT_LATENCY}_bucket",
    f"{watching.FAILURES}_total",
    watching.STUCK,
    watching.STAGES,
    watching.OVERDUE,
    watching.OUTBOX,
}


def loaded(name: str) -> Any:
    return yaml.safe_load((PROMETHEUS / name).read_text(encoding="utf-8"))


RULES = loaded("alerts.yaml")["groups"][0]["rules"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_what_is_measured(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[smhd]", rule["for"])
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert rule["expr"].count("(") == rule["expr"].count(")")
    asked = set(re.findall(r"\b(?:neiic|temporal)_\w+", rule["expr"]))
    assert asked
    assert asked <= METRICS | {"temporal_num_pollers"}


def test_the_page_tells_of_every_metric() -> None:
    page = (ROOT / "docs" / "observing.md").read_text(encoding="utf-8")
    for metric in METRICS:
        assert f"`{metric.removesuffix('_bucket')}`" in page


def test_a_stuck_center_alerts_within_a_minute() -> None:
    [rule] = [rule for rule in RULES if rule["alert"] == "NeiicCenterStuck"]
    assert rule["for"] == "1m"
    assert rule["labels"]["severity"] == "critical"


def test_it_scrapes_where_the_compose_file_serves() -> None:
    [job] = loaded("scrape.yaml")["scrape_configs"]
    [target] = job["dns_sd_configs"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    served = compose["x-neiic"]["environment"]["NEIIC_METRICS_ADDRESS"]
    assert served == f"0.0.0.0:{target['port']}"
    assert target["names"] == ["worker"]
    assert loaded("scrape.yaml")["rule_files"] == ["alerts.yaml"]


def test_the_server_marks_workflows_whose_tasks_fail() -> None:
    """The worker's watch finds stuck centers by this mark alone."""
    key = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"
    [value] = yaml.safe_load(DYNAMIC_CONFIG.read_text(encoding="utf-8"))[key]
    assert 0 < value["value"] <= 2

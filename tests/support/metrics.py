"""What is counted: in this process, or as Prometheus gets it from a running one."""

import http.client
from collections.abc import Callable
from typing import TypeAlias

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a-token-of-the-tests-alone"

Counted: TypeAlias = Callable[..., float]


@pytest.fixture
def counted() -> Counted:
    """`counted("creditscore_orders_total", model="catboost")`: by how much it has grown in this test.

    Labels that are not named may have any value.
    """
    before = _samples()

    def grown(name: str, **labels: str) -> float:
        return sum(
            value - before.get((found, its), 0)
            for (found, its), value in _samples().items()
            if found == name and labels.items() <= dict(its).items()
        )

    return grown


Samples: TypeAlias = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _samples() -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
    }


class Scraped:
    """An answer of `/metrics`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def total(self, name: str, **labels: str) -> float:
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    @property
    def names(self) -> set[str]:
        return {sample.name for sample in self._samples}


def scrape(port: int, token: str = TOKEN) -> Scraped:
    status, _headers, body = ask(port, f"Bearer {token}")
    assert status == 200
    return Scraped(body)


def ask(port: int, authorization: str = "", path: str = "/metrics") -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    sent = {"Authorization": authorization} if authorization else {}
    try:
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read().decode()
    finally:
        connection.close()

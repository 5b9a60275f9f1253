"""`make run` begins with new counts, and the web role shows those of all roles."""

import pytest

from tests.support.local_service import Service
from tests.support.metrics import TOKEN, ask, scrape
from tests.support.processes import free_port


def test_counts_of_an_earlier_run_are_gone(service: Service) -> None:
    folder = service.var / "metrics"
    folder.mkdir(parents=True)
    (folder / "counter_0.db").write_bytes(b"left by an earlier run, of another version")
    (folder / "kept.txt").write_text("not a count")
    # Both the worker and the mailer would want this port.
    port = free_port()
    service.start(METRICS_TOKEN=TOKEN, METRICS_PORT=str(port))
    service.wait_for("is ready")
    counted = scrape(service.port)
    assert counted.total("creditscore_http_requests_total", route="healthz") > 0
    assert (folder / "kept.txt").exists()
    # The runner, two web processes, the worker with its child, the mailer and the clock share the folder.
    assert len(list(folder.glob("*.lock"))) >= 5
    with pytest.raises(ConnectionRefusedError):
        ask(port)
    assert service.press_ctrl_c() == 0

"""`/metrics`: what Prometheus collects, for whoever has the token."""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.webhooks import turns
from creditscore.run import checks
from predictions.batches import settling
from predictions.lifecycle import checks as versions
from predictions.lifecycle import drift_report
from predictions.models import Prediction

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# What a request without the right token gets with its 401.
CHALLENGE = 'Bearer realm="metrics"'


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    if came_in_clear(request):
        return HttpResponse("Use HTTPS.", status=403, content_type="text/plain")
    if not is_authorized(request.headers.get("Authorization", "")):
        return HttpResponse(status=401, headers={"WWW-Authenticate": CHALLENGE})
    return HttpResponse(collected(State()), content_type=CONTENT_TYPE)


def came_in_clear(request: HttpRequest) -> bool:
    """Return whether a proxy has received the request without HTTPS, although the site is served with it.

    Within the network of the containers there is no proxy, and no HTTPS. A redirect would hide that a token
    travels in clear.
    """
    proxied = "X-Forwarded-Proto" in request.headers
    return settings.SECURE_SSL_REDIRECT and proxied and not request.is_secure()


def is_authorized(header: str) -> bool:
    """Return whether an Authorization header has the token, in a time that tells nothing of it."""
    scheme, _, token = header.partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def collected(*more: Collector) -> bytes:
    """Return the counts of all processes that share `METRICS_DIR`, and `more`."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # registers itself
    for collector in more:
        registry.register(collector)
    return generate_latest(registry)


class State(Collector):
    """The state of the service, read at the moment it is asked for."""

    def collect(self) -> Iterator[Metric]:
        health = checks.health()
        ready = GaugeMetricFamily("creditscore_ready", "1 if this part is well.", labels=["part"])
        for part, well in health.checks.items():
            ready.add_metric([part], int(well))
        yield ready
        yield _gauge("creditscore_broker_full", "1 if it takes no message.", int(health.broker == "full"))
        if health.database == "down":
            return
        oldest = health.oldest_pending_seconds
        yield _gauge("creditscore_oldest_pending_seconds", "Age of the oldest pending prediction.", oldest)
        pending = Prediction.objects.pending().count()
        yield _gauge("creditscore_pending_predictions", "Predictions that have not ended.", pending)
        due = turns.oldest_due_seconds()
        yield _gauge("creditscore_oldest_due_webhook_seconds", "Age of the oldest webhook that is due.", due)
        waiting = settling.oldest_waiting_seconds()
        yield _gauge("creditscore_oldest_waiting_file_seconds", "Age of the oldest waiting file.", waiting)
        broken = versions.broken_on_sale()
        yield _gauge("creditscore_broken_versions_on_sale", "Models whose version on sale is broken.", broken)
        yield _drift()
        if health.clock.age is not None:
            yield _gauge("creditscore_monitor_age_seconds", "Since the last monitor run.", health.clock.age)


def _drift() -> Metric:
    """The last week that is over, of the versions on sale, where there were enough rows for a verdict."""
    gauge = GaugeMetricFamily(
        "creditscore_drift_psi",
        "Stability index of the last week against the training data.",
        labels=["model", "version", "field"],
    )
    for ref, week in drift_report.on_sale_last_week():
        for one in week.measured:
            if one.has_verdict:
                gauge.add_metric([ref.slug, ref.version, one.name], one.shift.psi)
    return gauge


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)

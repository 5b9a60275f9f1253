"""Health pages: whether orders can be taken, and whether everything that they need works."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditscore.run import checks


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """503 if orders cannot be taken; 200 without a broker, which only delays results."""
    health = checks.health()
    if health.database == "down":
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    answer = {
        "status": "ok" if health.broker == "ok" else "degraded",
        "database": health.database,
        "broker": health.broker,
        "oldest_pending_seconds": round(health.oldest_pending_seconds, 1),
    }
    return JsonResponse(answer)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if the database, the broker, the queue and the clock are well, else 503. Names each."""
    health = checks.health()
    ready, age = all(health.checks.values()), health.clock.age
    answer = {
        "status": "ready" if ready else "not ready",
        "database": health.database,
        "broker": health.broker,
        "queue": "ok" if health.checks["queue"] else "late",
        "clock": "ok" if health.checks["clock"] else "late",
        "oldest_pending_seconds": round(health.oldest_pending_seconds, 1),
        "monitor_seconds_ago": None if age is None else round(age, 1),
    }
    return JsonResponse(answer, status=200 if ready else 503)

"""Health check of the database, the broker and the queue."""

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from predictions.jobs.monitor import oldest_pending_seconds


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """503 if orders cannot be taken; 200 without a broker, which only delays results."""
    try:
        oldest = oldest_pending_seconds()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    broker = _broker()
    status = "ok" if broker == "ok" else "degraded"
    return JsonResponse(
        {"status": status, "database": "ok", "broker": broker, "oldest_pending_seconds": round(oldest, 1)}
    )


def _broker() -> str:
    try:
        cache.get("health")
    except RedisError:
        return "down"
    return "ok"

"""Is the service able to sell and to deliver?"""

from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError

from predictions.jobs.monitor import oldest_pending_seconds


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """503 when orders cannot be taken. A broker that is down delays results and loses none: 200."""
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

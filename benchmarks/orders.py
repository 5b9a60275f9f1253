"""Time from order to result over HTTP, one at a time: ``python benchmarks/orders.py http://127.0.0.1:8000``.

Needs a running, idle service. Prints p50 and p95 for each model, and the ratio of p50 to that of the
cheapest request in the same run.
"""

import json
import secrets
import statistics
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

ORDERS = 200
APPLICANT = {
    "person_age": 32,
    "person_income": 68_000,
    "person_home_ownership": "MORTGAGE",
    "person_emp_length": 6,
    "loan_intent": "EDUCATION",
    "loan_grade": "B",
    "loan_amnt": 9_000,
    "loan_int_rate": 10.5,
    "cb_person_default_on_file": "N",
    "cb_person_cred_hist_length": 8,
}


class Service:
    """An API client with one keep-alive connection."""

    def __init__(self, address: str) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
        self.headers = {"Content-Type": "application/json", "Prefer": "wait=10"}

    def request(self, method: str, path: str, body: object = None) -> tuple[float, dict[str, str]]:
        """Return the milliseconds and the JSON response; exits on an error status."""
        began = time.perf_counter()
        self.connection.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, self.headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        took = (time.perf_counter() - began) * 1000
        if response.status >= 300:
            sys.exit(f"{method} {path}: {response.status} {answer}")
        return took, answer


def main() -> None:
    service = Service(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    person = {"username": f"bench-{secrets.token_hex(6)}", "password": secrets.token_urlsafe(16)}
    service.request("POST", "auth/register/", person | {"email": "bench@example.org"})
    _took, pair = service.request("POST", "auth/token/", person)
    service.headers["Authorization"] = f"Bearer {pair['access']}"
    service.request("POST", "top-ups/", {"amount": "100000.00"})
    baseline = statistics.median(service.request("GET", "balance/")[0] for _number in range(ORDERS))
    print(f"GET balance/: p50 {baseline:.1f} ms")
    for model in ("logistic-regression", "random-forest", "catboost"):
        times = sorted(order(service, model) for _number in range(ORDERS))
        p50, p95 = times[ORDERS // 2], times[ORDERS * 95 // 100]
        print(f"{model}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p50 is {p50 / baseline:.1f} × GET balance/")


def order(service: Service, model: str) -> float:
    took, prediction = service.request("POST", "predictions/", {"model": model, "applicant": APPLICANT})
    if prediction["status"] != "succeeded":
        sys.exit(f"not finished: {prediction}")
    return took


if __name__ == "__main__":
    main()

"""Orders that a form has already paid for: how they are found, and the page that leads to their result."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.requests import current_user
from predictions.models import Comparison, Prediction
from predictions.selectors import order_with_key


def request_key_of(form_key: object) -> str:
    """Return the request key of the order that a form with this key places."""
    return f"form:{form_key}"


def paid_order(request: HttpRequest, form_key: object) -> Prediction | Comparison | None:
    """Return the order that the user's form with this key has paid for."""
    return order_with_key(current_user(request), request_key_of(form_key))


def page_of(order: Prediction | Comparison) -> str:
    name = "detail" if isinstance(order, Prediction) else "comparison"
    return reverse(f"predictions:{name}", args=[order.pk])


def facts_of(order: Prediction | Comparison) -> list[object]:
    """Return what the order is for, like `facts_of_order` of the form that places it."""
    return ["comparison" if isinstance(order, Comparison) else order.model.slug, order.applicant]


def paid_page(request: HttpRequest, order: Prediction | Comparison) -> HttpResponse:
    """Return the page that stands where the form was: what it has paid for, with a link to the result."""
    parts = [order] if isinstance(order, Prediction) else list(order.predictions.with_links())
    context = {
        "address": page_of(order),
        "label": order.label,
        "parts": parts,
        "price": sum(part.price for part in parts),
        "refunded": all(part.is_refunded for part in parts),
        "ordered_at": order.created_at,
        "repeat": f"{request.path}?from={parts[0].pk}",
    }
    return render(request, "predictions/paid.html", context)

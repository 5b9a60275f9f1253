"""Template filters for money: the formatters of `billing.money` under the names that templates use."""

from django import template

from billing import money, payment_forms

register = template.Library()
register.filter("money", money.format_money)
register.filter("signed_money", money.format_signed_money)
register.filter("amount_text", money.to_text)
register.filter("axis_level", money.format_axis_level)
register.filter("top_up_for", money.top_up_for)


@register.filter
def is_reviewed(price: int | None) -> bool:
    """Return True if a payment of `price` is shown once more before it is made."""
    return price is not None and payment_forms.is_large(price)


@register.filter
def buys(minor: int, price: int) -> int:
    """Return how many items at `price` the amount pays for, both in minor units."""
    return minor // price


@register.filter
def minus(amount: int, other: int) -> int:
    """Return `amount` minus `other`."""
    return amount - other


@register.filter
def left_after(balance: int, price: int) -> int:
    """Return the balance after paying `price`, with a top-up if it is needed."""
    return balance + money.top_up_for(balance, price) - price

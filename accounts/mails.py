"""Sends the mails of the service: as plain text, and with the same words in the look of the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string

from telemetry import metrics

NO_LINKS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Paragraph:
    """`label` is that of the button which this paragraph, an address, becomes; empty for words."""

    text: str
    label: str


def send(
    template: str, addresses: Sequence[str], context: dict[str, Any], links: Mapping[str, str] = NO_LINKS
) -> None:
    """Send `<template>.txt` with the subject in `<template>_subject.txt`, in the language that is active.

    `links` has a label for each address that is a paragraph of the text: in HTML, these are buttons. All else
    stays text, whoever has written it. Raises what the client of the mail server raises.
    """
    subject = render_to_string(f"{template}_subject.txt", context).strip()
    text = render_to_string(f"{template}.txt", context).strip() + "\n"
    paragraphs = [Paragraph(part, links.get(part, "")) for part in map(str.strip, text.split("\n\n"))]
    html = render_to_string("accounts/mail.html", {"subject": subject, "paragraphs": paragraphs})
    try:
        send_mail(subject, text, None, list(addresses), html_message=html)
    except Exception:
        metrics.mailed("failed")
        raise
    metrics.mailed("sent")

"""What shows results to others: links, and what a code on a PDF stands for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from creditscore_client.records import Body


@dataclass(frozen=True)
class ShareLink:
    """`url` is only in the answer that made it."""

    id: UUID
    url: str | None
    with_details: bool
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            url=body.get("url"),
            with_details=body["with_details"],
            created_at=datetime.fromisoformat(body["created_at"]),
            expires_at=datetime.fromisoformat(body["expires_at"]),
        )


@dataclass(frozen=True)
class Document:
    """What a PDF with this code says. A file is genuine if its SHA-256 is `sha256`."""

    code: str
    sha256: str
    language: str
    model: str
    model_version: str
    approval_probability: float
    default_probability: float
    finished_at: datetime

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            code=body["code"],
            sha256=body["sha256"],
            language=body["language"],
            model=body["model"],
            model_version=body["model_version"],
            approval_probability=body["approval_probability"],
            default_probability=body["default_probability"],
            finished_at=datetime.fromisoformat(body["finished_at"]),
        )

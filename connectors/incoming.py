"""What a connector makes of a webhook: a clean, masked message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from errors import SapaError
from office.privacy import mask
from office.reach import arrived

TEXT_LIMIT = 4000
ID_LIMIT = 200
KINDS = ("text", "media", "location", "choice")
HURRIED = ("hurry", "hurry again")
"""What a message becomes that came too fast after others: the first of them gets a notice, the next ones nothing."""


class IncomingError(SapaError):
    """A webhook lacks what a message needs; the text names the field."""


@dataclass(frozen=True)
class Incoming:
    """A message from a citizen, already masked."""

    channel: str
    """"whatsapp", "web" or "rest"."""
    address: str
    """"+62..." or the client's session id; never logged."""
    provider_id: str
    """Unique in its channel: Twilio's MessageSid, or an id that the client or the server made."""
    kind: str
    """One of KINDS or HURRIED; "choice" is a tapped button or list item, its payload is the text."""
    text: str
    """Masked, at most 4,000 characters."""
    details: dict[str, Any] = field(default_factory=dict)
    """E.g. {"media_types": [...], "quoted": "SM...", "cut": 5000 (the length before cutting), "source": "poster"}."""


def make_incoming(
    channel: str, address: str, provider_id: str, kind: str, text: str, details: dict[str, Any] | None = None
) -> Incoming:
    """Cleans, masks and cuts the text, and takes the source code out of it.

    Raises IncomingError naming the field that is missing or too long.
    """
    for name, value in (("address", address), ("provider_id", provider_id)):
        if not value or len(value) > ID_LIMIT or "\0" in value:
            raise IncomingError(f"{name}: 1 to {ID_LIMIT} characters are needed")
    if kind not in KINDS:
        raise IncomingError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    # PostgreSQL takes neither NUL nor half a surrogate pair.
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    # Masked before cutting, or the cut could leave the better half of a NIK unmasked.
    masked, source = arrived(mask(clean))
    noted = dict(details or {})
    if source:
        noted["source"] = source
    if len(masked) > TEXT_LIMIT:
        noted["cut"] = len(clean)
    return Incoming(channel, address, provider_id, kind, masked[:TEXT_LIMIT], noted)

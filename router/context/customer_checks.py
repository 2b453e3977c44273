"""Whether what is said of a customer may be kept: identities, sources, attributes.

Refusals name the field and the bound, and never what was in it.
"""

import re
from typing import Final

from router.context.errors import EntryRefused
from router.context.records import Identity
from router.context.redaction import redact
from router.model.context import IdentityKind

ATTRIBUTE_BYTES_MAX: Final = 1_024
IDENTITY_BYTES_MAX: Final = 512
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE: Final = re.compile(r"[!-~]{1,128}")


def check_identity(identity: Identity) -> None:
    value = identity.value
    if not value or len(value.encode("utf-8", "replace")) > IDENTITY_BYTES_MAX:
        raise EntryRefused(
            f"identity {identity.kind.name}: it must have 1 to {IDENTITY_BYTES_MAX} "
            "bytes",
            field="identity",
        )
    if identity.kind is not IdentityKind.PHONE and redact(value).cards:
        raise EntryRefused(
            f"identity {identity.kind.name}: it looks like a card number, which is "
            "never kept",
            field="identity",
        )


def check_source(source: str, name: str = "source") -> None:
    if not _SOURCE.fullmatch(source) or redact(source).cards:
        raise EntryRefused(
            f"{name}: it must have 1 to 128 visible ASCII characters, as in crm, and no "
            "card number",
            field=name,
        )


def check_attribute(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise EntryRefused(
            "attributes: a name begins with a letter from a to z and has at most 64 of "
            "a to z, 0 to 9 and _, as in display_name",
            field="attributes",
        )
    if len(value.encode("utf-8", "replace")) > ATTRIBUTE_BYTES_MAX:
        raise EntryRefused(
            f"attributes {name}: it may have {ATTRIBUTE_BYTES_MAX} bytes",
            field="attributes",
        )

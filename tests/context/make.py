"""Short words for what the tests say all the time."""

from router.context.entries import Author, Entry, Message
from router.context.records import ConsentTerms, Identity
from router.model.channel import Channel
from router.model.context import AuthorRole, IdentityKind

AYSE, ELENI, MEHMET = "cus-ayse", "cus-eleni", "cus-mehmet"
SHOES = "conv-shoes"
CUSTOMER = Author(AuthorRole.CUSTOMER)
AGENT = Author(AuthorRole.AGENT, "zeynep")
TERMS = ConsentTerms("consent", "2026-03", Channel.CHAT)


def phone(number):
    return Identity(IdentityKind.PHONE, number)


def email(address):
    return Identity(IdentityKind.EMAIL, address)


def an_entry(value, at=1_000, author=CUSTOMER, channel=Channel.CHAT, interaction="i-1"):
    value = Message(value) if isinstance(value, str) else value
    return Entry(value, author, at, channel, interaction)


def append(contexts, *values, customer=AYSE, conversation=SHOES, at=1_000):
    """Appends as the host does: seal with the next versions, then one prepare."""
    rows = {
        row.conversation: row for row in contexts.conversations.conversations(customer)
    }
    version = rows[conversation].version if conversation in rows else 0
    sealed = [
        contexts.conversations.seal(
            customer, conversation, version + 1 + offset, an_entry(value, at + offset)
        )
        for offset, value in enumerate(values)
    ]
    contexts.conversations.prepare(sealed)
    return sealed


def texts(read_entries):
    return [one.entry.value.text for one in read_entries]

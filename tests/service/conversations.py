"""Words for tests about conversations and customers: what clients write and read."""

from router.v1 import context_service_pb2 as pb
from router.v1 import conversation_pb2 as said
from router.v1 import customer_pb2 as who

SERVING = who.READ_PURPOSE_SERVING
SUBJECT = who.READ_PURPOSE_SUBJECT_REQUEST


def message(text="Merhaba, siparişim nerede?", **more):
    return said.ContextEntry(
        message=said.TextContent(text=text), writer=said.WRITER_CUSTOMER, **more
    )


def fact(name="order_number", value="SN-1042", **more):
    return said.ContextEntry(
        fact=said.FactContent(name=name, value=value),
        writer=said.WRITER_BOT,
        agent_id="bot",
        **more,
    )


def summary(text="Yanlış numara; değişim yolda"):
    return said.ContextEntry(
        summary=said.TextContent(text=text), writer=said.WRITER_AGENT, agent_id="ann"
    )


async def append(house, entry=None, conversation="con-1", customer="cus-1", **more):
    request = pb.AppendContextRequest(
        conversation_id=conversation,
        customer_id=customer,
        entry=entry if entry is not None else message(),
        **more,
    )
    return await house.context.AppendContext(request)


async def conversation(house, name="con-1", purpose=SERVING, **more):
    request = pb.GetConversationRequest(
        conversation_id=name, purpose=purpose, reader="ann", **more
    )
    return await house.context.GetConversation(request)


async def customer(house, name="cus-1", purpose=SERVING, **more):
    request = pb.GetCustomerRequest(
        customer_id=name, purpose=purpose, reader="ann", **more
    )
    return await house.context.GetCustomer(request)


def phone(value="+90 532 123 45 67", **more):
    return who.Identity(kind=who.IDENTITY_KIND_PHONE, value=value, **more)


def email(value="Elif@Örnek.com.tr", **more):
    return who.Identity(kind=who.IDENTITY_KIND_EMAIL, value=value, **more)


def chat(value="elif", **more):
    return who.Identity(kind=who.IDENTITY_KIND_CHAT_HANDLE, value=value, **more)


async def link(house, identity, customer_id="", **more):
    request = pb.LinkIdentityRequest(identity=identity, customer_id=customer_id, **more)
    return (await house.context.LinkIdentity(request)).customer


async def consent(house, granted, purpose=who.CONSENT_PURPOSE_CARRY_OVER, name="cus-1"):
    record = who.ConsentRecord(purpose=purpose, granted=granted, basis="form")
    return await house.context.SetConsent(
        pb.SetConsentRequest(customer_id=name, consent=record)
    )


async def erase(house, name="cus-1"):
    request = pb.EraseCustomerRequest(customer_id=name)
    return (await house.context.EraseCustomer(request)).receipt

"""Expressions: what is refused before it may run, what it costs, and how it fails."""

import pytest

from router.intake.cel import (
    FOR_EVENTS,
    FOR_INTAKE,
    PARTS_MAX,
    ExpressionWrong,
    Scope,
    compile_expression,
)
from router.intake.facts import Conversation, Customer
from router.intake.hours import local
from router.intake.message import (
    conversation_message,
    customer_message,
    request_message,
    site_message,
)
from router.model.channel import Channel
from tests.intake.shop import ISTANBUL, MONDAY


def scope(**attributes):
    return Scope(
        {
            "request": request_message("chat", "Genel", "tr", attributes),
            "customer": customer_message(Customer(known=True, country="TR")),
            "conversation": conversation_message(
                Conversation(
                    known=True, facts={"urgency": "high"}, channels=(Channel.SMS,)
                )
            ),
            "site": site_message(local(MONDAY, ISTANBUL)),
        }
    )


def holds(text, **attributes):
    return compile_expression(text, FOR_INTAKE).holds(scope(**attributes))


def refused(text, variables=FOR_INTAKE):
    with pytest.raises(ExpressionWrong) as wrong:
        compile_expression(text, variables)
    return wrong.value


@pytest.mark.parametrize(
    "text",
    [
        'request.channel == "chat"',
        'request.queue in ["Genel", "Numara"]',
        "request.attributes.size == 44",
        'request.attributes["size"] >= 43.5',
        'has(request.attributes.size) && !has(request.attributes.colour)',
        '"size" in request.attributes',
        "request.attributes.vip",
        'request.attributes.name == "Çağrı"',
        'request.attributes.name.startsWith("Çağ")',
        "size(request.attributes.name) == 5",
        'customer.known && customer.country == "TR"',
        'conversation.facts.urgency == "high"',
        '"sms" in conversation.channels',
        "site.hour == 11 && site.minute == 0 && site.weekday == 1",
        'site.date == "2026-03-02"',
        'request.language.matches("^(tr|el)$")',
        'request.attributes.no == 1 || site.hour == 11',
    ],
)  # fmt: skip
def test_what_can_be_asked(text):
    if text == "request.attributes.vip":
        text += " == true"
    assert True is holds(text, size=44, vip=True, name="Çağrı")


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("customer.contry == 'TR'", 'has no field "contry" at character 9', "country"),
        ("request.chanel == 'a'", 'has no field "chanel" at character 8', "channel"),
        ("reqest.channel == 'a'", 'does not know "reqest.channel"', "request"),
        ("channel == 'a'", 'does not know "channel" at character 1', "request.channel"),
        ("urgensy == 'a'", 'does not know "urgensy"', ""),
        ("true &&\n contry == 'TR'", "in line 2 of the expression", "customer.country"),
        ("request.channel == 3", "cannot apply == to (string, int)", ""),
        ("site.hour == '9'", "cannot apply == to (int, string)", ""),
        ("site.hour >", "is no expression: mismatched input the end", ""),
        ("site.hour == 9 )", "is no expression", ""),
        ("request.channel", "must be true or false", ""),
        ("request.attributes.vip", "must be true or false", ""),
        ("", "is empty", ""),
        ("true\u200b", "characters that nobody can see", ""),
        ("now() > 3", 'does not know "now"', ""),
    ],
)
def test_a_slip_is_named_with_its_place_and_what_was_meant(text, message, suggestion):
    wrong = refused(text)

    assert message in wrong.message
    assert suggestion == wrong.suggestion


def test_the_fields_there_are_are_listed():
    assert "attributes, country, known" == refused("customer.plan == 'a'").allowed


def test_events_have_variables_of_their_own():
    assert compile_expression("event.kind == 'PAGE_VIEWED'", FOR_EVENTS)
    assert (
        'does not know "request' in refused("request.queue == 'a'", FOR_EVENTS).message
    )
    assert 'does not know "event' in refused("event.kind == 'a'").message


# ---------------------------------------------------------------- bombs


@pytest.mark.parametrize(
    "text",
    [
        "conversation.channels.exists(c, c == 'sms')",
        "conversation.channels.all(c, c != 'sms')",
        "conversation.channels.map(c, c + c).size() > 0",
        "[1, 2].exists(a, [1, 2].exists(b, [1, 2].exists(c, a + b + c > 5)))",
        "request.attributes.exists(name, name == 'a')",
        "true || [[1].map(x, x)].size() == 1",
    ],
)
def test_no_loop_gets_in_however_it_is_dressed(text):
    assert "a loop" in refused(text).message


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a{1000}", "repeats up to 1000 times"),
        ("((a{5}){5}){5}", "repeats up to 125 times"),
        ("(a{1,20}){2,}", "repeats up to 40 times"),
        ("a" * 101, "has 101 characters"),
        ("(a", "cannot be read: missing )"),
        ("(?=a)", "cannot be read"),
    ],
)
def test_a_pattern_that_is_costly_or_none_is_refused(pattern, message):
    assert message in refused(f"request.queue.matches('{pattern}')").message


def test_a_pattern_may_not_come_with_the_request():
    text = "request.queue.matches(request.attributes.pattern)"
    assert "must be given its pattern in quotes" in refused(text).message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 450 + "true" + ")" * 450,
        "true?true:" * 90 + "true",
        "[" * 400 + "]" * 400 + " == []",
        "1" + "+1" * 450 + " == 3",
        "request" + ".a" * 400,
    ],
)
def test_depth_is_refused_and_never_crashes(text):
    assert "nested too deeply" in refused(text).message


def test_length_and_parts_are_bounded():
    assert "has 1001 characters" in refused("true ||" + " " * 990 + "true").message
    assert "has 333 parts" in refused("site.hour in [" + "1," * 328 + "1]").message
    assert (
        PARTS_MAX
        >= compile_expression("site.hour in [" + "1," * 200 + "1]", FOR_INTAKE).cost
    )


def test_the_cost_is_the_number_of_parts_and_more_for_a_search():
    def cost(text):
        return compile_expression(text, FOR_INTAKE).cost

    assert 4 == cost("site.hour > 8")
    assert 4 + 1 + 4 == cost("site.hour > 8 && site.minute > 8")
    assert cost("request.queue.contains('a')") > cost("request.queue == 'a'")
    assert cost("request.queue.matches('a{9}')") > cost("request.queue.matches('a')")


# ---------------------------------------------------------------- failing well


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("request.attributes.absent == 1", "asks for a value that is not there"),
        ("request.attributes.size > 'a'", "compares values of different kinds"),
        ("1 / (site.hour - 11) == 1", "divides by zero"),
        ("int(request.queue) == 1", "cannot be evaluated"),
    ],
)
def test_what_goes_wrong_for_one_request_is_an_answer(text, why):
    assert why == holds(text, size=44)


def test_a_reason_never_repeats_what_the_request_holds():
    secret = "elif@örnek.com.tr"
    for text in (
        "request.attributes[request.attributes.v] == 1",
        "int(string(request.attributes.v)) == 1",
        "timestamp(string(request.attributes.v)) > timestamp('2026-01-01T00:00:00Z')",
        "request.attributes.v > 3",
    ):
        why = holds(text, v=secret)
        assert isinstance(why, str)
        assert "örnek" not in why


def test_an_expression_knows_which_values_it_asks_for():
    compiled = compile_expression(
        'has(request.attributes.a) && conversation.facts["b"] == 1 && "c" in customer.attributes'
        ' && customer.attributes.d == "x" && customer.country == "TR"',
        FOR_INTAKE,
    )
    assert (
        ("conversation", "b"),
        ("customer", "c"),
        ("customer", "d"),
        ("request", "a"),
    ) == compiled.asks

"""What deciding where a request goes costs: rules by `match` against expressions.

No rule applies, so every one is looked at: the dearest request a policy can get. One
rule more than the others asks something short, the rest ask two values each.
"""

import time

from bench.rows import Row, row
from router.intake.facts import Conversation, Customer, Facts
from router.intake.load import Whole, load_whole
from router.model.channel import Channel

AT_MS = 1_772_438_400_000
REPEATS = 5
COUNTS = (1, 10, 100)

MATCH = "match: {{channel: sms, attributes: {{plan: p{n}}}, conversation: {{urgency: high}}}}"
VALUES = "match: {{attributes: {{plan: p{n}}}, conversation: {{urgency: high}}}}"
CEL = (
    'when: \'has(request.attributes.plan) && request.attributes.plan == "p{n}" && '
    'conversation.facts.urgency == "high"\''
)
FORMS = {"match": VALUES, "match, channel first": MATCH, "CEL": CEL}

REQUEST = Facts(
    Channel.CHAT,
    queue="Genel",
    language="tr-TR",
    attributes={"plan": "premium", "store": "Kadıköy", "amount": 1200},
    customer=Customer(known=True, country="TR", attributes={"stage": "regular"}),
    conversation=Conversation(known=True, facts={"urgency": "high"}),
)


def policy(form: str, count: int) -> Whole:
    rules = "".join(
        f"    - {{name: r{n}, {FORMS[form].format(n=n)}, then: {{priority: +1}}}}\n"
        for n in range(count)
    )
    rules = f"  rules:\n{rules}" if count else ""
    return load_whole(
        "policy: bench\nskills: [turkish]\nqueues: {Genel: {}}\n"
        "languages: {accepted: [tr], skills: {tr: {turkish: 3}}}\n"
        f"intake:\n  mode: accumulate\n  budget: 1000000\n{rules}"
    )


def measure() -> list[Row]:
    bare = _each(policy("match", 0), 5_000)
    found = [row("intake: a request without rules", bare * 1e6, "us", None, "")]
    for count in COUNTS:
        base = 0.0
        for form in FORMS:
            each = _each(policy(form, count), max(200, 5_000 // count))
            base = base or each
            found.append(
                row(
                    f"intake: {count} rules, {form}, none applies",
                    each * 1e6,
                    "us",
                    each / base,
                    "match",
                )
            )
    began = time.perf_counter()
    policy("CEL", 100)
    compiling = time.perf_counter() - began
    found.append(
        row("intake: compile 100 expressions", compiling * 1e3, "ms", None, "")
    )
    return found


def _each(whole: Whole, count: int) -> float:
    """Seconds for one decision: the best of some rounds, as others use the machine."""
    decide = whole.rules.decide
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        for _ in range(count):
            decide(REQUEST, AT_MS)
        best = min(best, (time.perf_counter() - began) / count)
    return best

"""The one file that knows the library behind expressions (CEL, by cel-expr-python).

An expression is parsed, checked against the messages of `proto/router/intake`, and
looked through before it may run: loops and costly patterns are refused, and what is
left takes as many steps as it has parts. It is evaluated without ever raising: what
goes wrong for one request is an answer too. To exchange the library, write this file
anew; nothing else imports it.
"""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cel_expr_python import cel
from google.protobuf import any_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from router.intake.v1 import expression_pb2, facts_pb2
from router.policy.intake import EXPRESSION_MAX
from router.policy.suggest import listed, meant

PARTS_MAX: Final = 300
"""Most parts (literals, names, operators) of one expression."""

PATTERN_MAX: Final = 100
"""Most characters of a pattern that `matches` is given."""

REPEATS_MAX: Final = 20
"""Most repetitions that a pattern may count: `[0-9]{20}`."""

FOR_INTAKE: Final = ("request", "customer", "conversation", "site")
"""The variables of an intake rule's expression."""

FOR_EVENTS: Final = ("event", "customer", "site")
"""The variables of a proactive rule's expression."""

MESSAGES: Final[dict[str, Descriptor]] = {
    "request": facts_pb2.Request.DESCRIPTOR,
    "customer": facts_pb2.Customer.DESCRIPTOR,
    "conversation": facts_pb2.Conversation.DESCRIPTOR,
    "site": facts_pb2.Site.DESCRIPTOR,
    "event": facts_pb2.Event.DESCRIPTOR,
}

NAMED_IN: Final = {
    ("request", "attributes"): "request",
    ("customer", "attributes"): "customer",
    ("conversation", "facts"): "conversation",
}
"""The maps of named values, and whose values they are."""

_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_COUNTED: Final = re.compile(r"\{(\d*),?(\d*)\}")
_SEARCHES: Final = frozenset({"matches", "contains"})


class ExpressionWrong(ValueError):
    """The text is no expression that may run; says why and what was meant."""

    def __init__(
        self, message: str, *, allowed: str = "", suggestion: str = ""
    ) -> None:
        """Refuse an expression."""
        super().__init__(message)
        self.message = message
        self.allowed = allowed
        self.suggestion = suggestion


class Scope:
    """The variables of one request, ready for any number of expressions."""

    __slots__ = ("activation",)

    def __init__(self, variables: dict[str, Message]) -> None:
        """`variables` are messages by the names of `FOR_INTAKE` or `FOR_EVENTS`."""
        names = FOR_EVENTS if "event" in variables else FOR_INTAKE
        self.activation = _environment(names).Activation(variables)


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression that has passed every check."""

    text: str
    cost: int
    """Steps it takes at most, whatever the request."""
    asks: tuple[tuple[str, str], ...]
    """The named values it asks for: (whose, name)."""
    _program: Any

    def holds(self, scope: Scope) -> bool | str:
        """Whether it is true; or, as text, why that cannot be said of this request."""
        answer = self._program.eval(scope.activation).value()
        return answer if isinstance(answer, bool) else _why(str(answer))


@functools.lru_cache(maxsize=1024)
def compile_expression(text: str, variables: tuple[str, ...]) -> Compiled:
    """Compile `text` over `variables`. Raises ExpressionWrong."""
    if not text:
        raise ExpressionWrong("is empty")
    if len(text) > EXPRESSION_MAX:
        most = f"at most {EXPRESSION_MAX} characters"
        raise ExpressionWrong(f"has {len(text)} characters", allowed=most)
    if not text.isprintable() and any(
        not (c.isprintable() or c.isspace()) for c in text
    ):
        raise ExpressionWrong("holds characters that nobody can see")
    try:
        program = _environment(variables).compile(text)
    except (RuntimeError, TypeError) as problem:
        raise _explained(str(problem), variables) from None
    # What is serialised says of itself what it is: `cel.expr.CheckedExpr`, in an `Any`.
    inside = any_pb2.Any.FromString(program.serialize()).value
    checked = expression_pb2.CheckedExpression.FromString(inside)
    if checked.root.WhichOneof("kind") is None:
        raise ExpressionWrong("cannot be looked through, so what it costs is unknown")
    if program.return_type() != cel.Type.BOOL:
        raise ExpressionWrong(
            "must be true or false: compare what it gives with something",
            allowed='such as request.channel == "chat"',
        )
    nodes = list(_nodes(checked.root))
    if len(nodes) > PARTS_MAX:
        most = f"at most {PARTS_MAX}"
        raise ExpressionWrong(f"has {len(nodes)} parts", allowed=most)
    cost = sum(_cost(node) for node in nodes)
    asks = tuple(sorted({found for node in nodes for found in _named(node)}))
    return Compiled(text, cost, asks, program)


@functools.cache
def _environment(variables: tuple[str, ...]) -> Any:
    types = {name: cel.Type(MESSAGES[name].full_name) for name in variables}
    return cel.NewEnv(variables=types)


# ---------------------------------------------------------------- what it costs


def _nodes(root: Any) -> Iterator[Any]:
    """Every node, without recursion: the depth is somebody else's choice."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        kind = node.WhichOneof("kind")
        if kind == "loop":
            raise ExpressionWrong(
                "a loop (all, exists, exists_one, map, filter) is not allowed",
                allowed='a test such as "voice" in conversation.channels',
            )
        if kind == "select":
            waiting.append(node.select.operand)
        elif kind == "call":
            waiting.extend(node.call.arguments)
            if node.call.HasField("target"):
                waiting.append(node.call.target)
        elif kind == "list":
            waiting.extend(node.list.elements)
        elif kind == "made":
            for entry in node.made.entries:
                waiting.append(entry.value)
                if entry.HasField("key"):
                    waiting.append(entry.key)


def _cost(node: Any) -> int:
    if node.WhichOneof("kind") != "call" or node.call.function not in _SEARCHES:
        return 1
    if node.call.function == "matches":
        pattern = node.call.arguments[-1]
        if pattern.WhichOneof("kind") != "literal":
            message = "matches must be given its pattern in quotes, not reckoned"
            raise ExpressionWrong(message)
        return 10 + _pattern_cost(pattern.literal.text)
    return 10


def _pattern_cost(pattern: str) -> int:
    if len(pattern) > PATTERN_MAX:
        most = f"at most {PATTERN_MAX}"
        raise ExpressionWrong(f"a pattern has {len(pattern)} characters", allowed=most)
    counted = 1
    for least, most in _COUNTED.findall(pattern):
        counted *= max(1, int(least or 0), int(most or 0))
    if counted > REPEATS_MAX:
        raise ExpressionWrong(
            f"a pattern repeats up to {counted} times",
            allowed=f"at most {REPEATS_MAX}, nested ones multiplied",
        )
    probe = _environment(()).compile(f'"".matches({json.dumps(pattern)})').eval()
    if not isinstance(probe.value(), bool):
        reason = str(probe.value()).rpartition("invalid regular expression: ")[2]
        raise ExpressionWrong(f"a pattern cannot be read: {reason}")
    return len(pattern) * counted


def _named(node: Any) -> Iterator[tuple[str, str]]:
    """The named value that a node asks for: `customer.attributes.plan` or `[...]`."""
    kind = node.WhichOneof("kind")
    if kind == "select":
        holder, name = node.select.operand, node.select.field
    elif kind == "call" and node.call.function in ("_[_]", "@in"):
        holder, key = node.call.arguments[:2]
        if node.call.function == "@in":
            holder, key = key, holder
        name = key.literal.text if key.WhichOneof("kind") == "literal" else ""
    else:
        return
    if name and holder.WhichOneof("kind") == "select":
        variable = holder.select.operand.identifier.name
        whose = NAMED_IN.get((variable, holder.select.field))
        if whose:
            yield whose, name


# ---------------------------------------------------------------- what is said of it


def _explained(problem: str, variables: tuple[str, ...]) -> ExpressionWrong:
    """The library's complaint in words that name the place and what was meant."""
    if "recursion" in problem:
        return ExpressionWrong("is nested too deeply", allowed="at most 32 levels")
    found = _ERROR.search(problem)
    if found is None:
        return ExpressionWrong("is no expression")
    line, character, said = int(found[1]), int(found[2]), found[3]
    said = said.removesuffix(" [INVALID_ARGUMENT]")
    place = f"at character {character}"
    if line > 1:
        place = f"in line {line} of the expression, {place}"
    if unknown := re.match(r"undeclared reference to '([^']*)'", said):
        return _unknown_name(unknown[1], place, variables)
    if unknown := re.match(
        r"undefined field '([^']*)' not found in struct '(.*)'", said
    ):
        fields = [
            one.name
            for message in MESSAGES.values()
            if message.full_name == unknown[2]
            for one in message.fields
        ]
        return ExpressionWrong(
            f'has no field "{unknown[1]}" {place}',
            allowed=listed(fields),
            suggestion=meant(unknown[1], fields),
        )
    if clash := re.match(
        r"found no matching overload for '(.*)' applied to '(.*)'", said
    ):
        operator = clash[1].strip("_").replace("_", " ") or clash[1]
        return ExpressionWrong(f"cannot apply {operator} to {clash[2]} {place}")
    said = said.partition(" expecting ")[0].removeprefix("Syntax error: ")
    said = said.replace("'<EOF>'", "the end")
    return ExpressionWrong(f"is no expression: {said} {place}")


def _unknown_name(word: str, place: str, variables: tuple[str, ...]) -> ExpressionWrong:
    paths = {
        one.name: f"{name}.{one.name}"
        for name in reversed(variables)
        for one in MESSAGES[name].fields
    }
    first = word.partition(".")[0]
    suggestion = meant(first, variables)
    if not suggestion and (near := meant(first, paths)):
        suggestion = paths[near]
    return ExpressionWrong(
        f'does not know "{word}" {place}',
        allowed=listed(variables),
        suggestion=suggestion,
    )


def _why(problem: str) -> str:
    """Why it could not be evaluated, without a word of what the request holds."""
    if problem.startswith("NOT_FOUND"):
        return "asks for a value that is not there"
    if "No matching overload" in problem:
        return "compares values of different kinds"
    if "divide by zero" in problem or "modulus by zero" in problem:
        return "divides by zero"
    return "cannot be evaluated"

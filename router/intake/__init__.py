"""From an open-ended request to numbers: what is wanted, in which language, how urgently.

Pure functions of a request and a policy. An instant is an argument; nothing here reads
a clock, draws a random number, waits, logs, or keeps what it was told. The caller puts
what was decided into an order for the engine.

- `facts`: what is known of a request, its customer and its conversation;
- `rules`: the intake rules of a policy, compiled, and what they make of a request;
- `match`, `cel`, `message`: a rule's condition, declarative or as an expression;
- `language`, `hours`, `identities`, `threads`: tags, local time, normal forms, e-mail;
- `preference`: the channels that would reach a customer, ranked, with reasons;
- `proactive`, `counters`: which customer events make us reach out;
- `load`, `checks`: a policy file read together with its expressions and tags.
"""

"""What is known of customers and their conversations, sealed, beside the journal.

The engine owns the numbers of a conversation (its version, its owner); its content
stands here. `contexts.open_contexts` is the way in; `contract` is what a store must do,
`sealing` and `keyring` are what makes a stored byte unreadable to others, `redaction`
is what never gets that far. Nothing here reads a clock: instants are arguments.
"""

"""What the router tells the business's own systems: outbound, and off unless asked for.

A follower reads the event feed as any client would and hands facts on, one at a time
and in order (`follower`). To whom is behind one small seam (`recipient`); the webhook
is the one that ships (`webhook`). Nothing that identifies a person goes out: facts name
customers by their references alone.
"""

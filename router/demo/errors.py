"""What can end a demonstration early, each with a sentence for whoever ran it."""


class DemoFailed(Exception):
    """The demonstration cannot go on; the message says why and what to do."""


class InputWrong(DemoFailed):
    """A file or an option is not what it must be; nothing was sent to the router."""


class RouterGone(DemoFailed):
    """The router did not answer for as long as the demonstration is ready to wait."""


class RouterRefused(DemoFailed):
    """The router refused what the demonstration cannot do without."""

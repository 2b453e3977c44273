"""What can go wrong with a journal, each in one plain line that says what to do.

The host treats them by class: it steps back on `Fenced`, and stops on all the others,
because a journal that failed once is opened, verified and replayed before it is trusted
again. None of them ever says "not written" where the outcome is unknown.
"""


class JournalError(Exception):
    """Everything a journal complains about."""


class JournalRefused(JournalError):
    """There is no journal to be opened at the place that was named."""


class JournalTooNew(JournalRefused):
    """The journal was written by a newer release, in a format this one cannot read."""


class JournalDamaged(JournalError):
    """What is stored is not what was written.

    `sequence` is the first event that cannot be trusted (0 when even that is unknown).
    """

    def __init__(self, sequence: int, what: str, place: str = "journal") -> None:
        where = f"damaged at sequence {sequence}" if sequence else "damaged"
        super().__init__(
            f"{place}: {where}: {what}; restore it from a copy, or move it away to "
            "start with an empty journal"
        )
        self.sequence = sequence
        self.what = what
        self.place = place


class Fenced(JournalError):
    """Another router has taken the journal over; this one must not write or answer."""


class Diverged(JournalError):
    """The journal does not end where the writer believes; nothing was written."""


class JournalFailed(JournalError):
    """The store failed in the middle of something; what became of it is unknown.

    Fatal to the caller: this handle refuses everything from now on. Open the journal
    anew, verify it and replay it to learn what is there.
    """

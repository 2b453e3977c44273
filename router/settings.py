"""The process's own settings: addresses, journal, limits. How to route is the policy's,
never this file's.
"""

from dataclasses import dataclass
from pathlib import Path

SNAPSHOT_SHARE = 4
"""Events that have to come between two snapshots for every interaction that is known."""


class SettingsWrong(Exception):
    """A setting cannot be; the message says which one, what it is, and what it may be."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str, option: str) -> "Address":
        """From "HOST:PORT". Port 0 lets the system choose."""
        host, colon, port = text.rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65_535:
            raise SettingsWrong(
                f"{option} {text!r} is not an address; use HOST:PORT, such as 127.0.0.1:50051"
            )
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    def __str__(self) -> str:
        return (
            f"[{self.host}]:{self.port}"
            if ":" in self.host
            else f"{self.host}:{self.port}"
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `santral-router serve` is told."""

    policy: Path
    journal: str
    listen: Address
    metrics: Address | None = None
    time_scale: float = 1.0
    context: str = ""
    """Where contexts are kept; beside the journal if nothing is said."""
    master_key: Path | None = None
    """The key that opens them; beside them if nothing is said, for trials."""
    crm: str = ""
    """An address that is told of what happens to customers; nobody if it is empty."""
    log_json: bool = True
    inbox_max: int = 20_000
    """Most orders that wait for a batch; beyond it newcomers are answered OVERLOAD."""
    message_bytes_max: int = 4 * 1024 * 1024
    """Largest request. Only a policy comes near it."""
    drain_s: float = 10.0
    """How long open streams may take to end at a planned stop."""
    heartbeat_s: float = 10.0
    """How often a silent stream is given a sign of life."""
    keepalive_s: float = 15.0
    """After so long without traffic the other side is asked whether it is still there,
    and is given `keepalive_timeout_s` to answer: a silent agent is found within 30
    seconds."""
    keepalive_timeout_s: float = 10.0
    retention_s: float = 600.0
    """How often what has been kept long enough is looked for."""
    snapshot_events: int = 200_000
    """A snapshot is taken after so many events, which are replayed in less than a second,
    and at a planned stop; see `snapshot_after`."""

    def snapshot_after(self, interactions: int) -> int:
        """After how many events a snapshot is taken where so many interactions are known.

        Saving one of them costs about what routing an event does, so a floor that knows
        very many is saved after more events, and saving never costs more than routing.
        """
        return max(self.snapshot_events, SNAPSHOT_SHARE * interactions)

    @property
    def context_store(self) -> str:
        """Where contexts are kept: `sqlite:PATH` or `memory:`."""
        if self.context:
            return self.context
        scheme, _, path = self.journal.partition(":")
        if scheme != "sqlite":
            return "memory:"
        journal = Path(path)
        return f"sqlite:{journal.with_name(journal.stem + '.context' + journal.suffix)}"

    def __post_init__(self) -> None:
        if not 0.01 <= self.time_scale <= 100_000:
            raise SettingsWrong(
                f"--time-scale {self.time_scale:g} must be from 0.01 to 100000"
            )

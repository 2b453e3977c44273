"""Ready-made mappings: the bank's log, Asterisk's `queue_log`, and interval tables."""

from typing import Any, Final

PRESETS: Final[dict[str, dict[str, Any]]] = {
    # The log of the Technion's "anonymous bank". Who left while still with the voice
    # response has no time in the queue and was never offered to it.
    "bank": {
        "format": "rows",
        "columns": {
            "date": "date",
            "arrived": "vru_entry",
            "queued": "vru_exit",
            "wait_s": "q_time",
            "service_s": "ser_time",
            "outcome": "outcome",
            "type": "type",
            "priority": "priority",
            "customer": "customer_id",
            "agent": "server",
        },
        "outcomes": {"answered": ["AGENT"], "abandoned": ["HANG"]},
        "nobody": {"customer": ["", "0"], "agent": ["", "NO_SERVER"]},
        "ignore": [{"outcome": "PHANTOM"}, {"outcome": "HANG", "q_time": "0"}],
        "head_starts": {"2": "90s"},
    },
    "asterisk": {
        "format": "queue_log",
        "separator": "|",
        "nobody": {
            "customer": ["", "unknown", "anonymous", "Anonymous", "asterisk"],
            "agent": ["", "NONE"],
        },
    },
    # As Turkish and Greek spreadsheets are exported.
    "intervals": {
        "format": "intervals",
        "separator": ";",
        "decimal": ",",
        "dates": ["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"],
        "times": ["%H:%M", "%H:%M:%S"],
        "columns": {
            "date": "Date",
            "begins": "Time",
            "type": "Queue",
            "offered": "Offered",
            "abandoned": "Abandoned",
            "aht_s": "AHT",
            "asa_s": "ASA",
        },
    },
}

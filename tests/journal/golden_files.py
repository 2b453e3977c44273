"""Groups as the first release wrote them, kept as files that must always be readable.

    python -m tests.journal.golden_files        writes the files that are missing

A file is never written again: a change of the format gets a folder of its own. Beside
each `.binpb` stands a `.json` with what it means; `schema.json` lists the fields of the
format.
"""

import json
from dataclasses import astuple
from pathlib import Path

from router.engine.tables import EVENT
from router.journal.codec import FORMAT_VERSION, encode
from router.journal.v1 import event_group_pb2 as pb
from tests.journal.make import a_full_group, a_group

FOLDER = Path(__file__).parent / "golden"

GROUPS = {
    "one_event": lambda: a_group(1, 1),
    "busy": lambda: a_group(1_000_000, 20),
    "everything": a_full_group,
}


def columns_of(version):
    """The columns that a format has; what joined later holds nothing in its groups."""
    written = json.loads((FOLDER / f"v{version}" / "schema.json").read_text())
    return [name for _, name, *_ in written["EventColumns"]]


def meaning(group, columns=EVENT.names):
    """A group as JSON values; columns only where something stands."""
    return {
        "first_sequence": group.first_sequence,
        "events": {
            name: group.events[name].tolist()
            for name in EVENT.names
            if name in columns and group.events[name].any()
        },
        "names": [list(name) for name in group.names],
        "outcomes": [
            [v.hex() if isinstance(v, bytes) else v for v in outcome]
            for outcome in group.outcomes
        ],
        "payload": group.payload.hex(),
        "documents": [list(astuple(document)) for document in group.documents],
    }


def schema():
    """The fields of the format, by message: number, name and type."""
    return {
        message.name: [
            [f.number, f.name, f.type, f.is_repeated] for f in message.fields
        ]
        for message in pb.DESCRIPTOR.message_types_by_name.values()
    }


def as_text(value):
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def write():
    folder = FOLDER / f"v{FORMAT_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {folder / "schema.json": as_text(schema()).encode()}
    for name, make in GROUPS.items():
        group = make()
        fresh[folder / f"{name}.binpb"] = encode(group)
        fresh[folder / f"{name}.json"] = as_text(meaning(group)).encode()
    for path, content in fresh.items():
        if not path.exists():
            path.write_bytes(content)
            print(f"wrote {path.relative_to(FOLDER)}")


if __name__ == "__main__":
    write()

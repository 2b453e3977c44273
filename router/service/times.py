"""Instants and spans between the engine's milliseconds and the wire."""

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def instant(at: int) -> Timestamp:
    """Engine time as a timestamp."""
    return Timestamp(seconds=at // 1000, nanos=at % 1000 * 1_000_000)


def span(ms: int) -> Duration:
    """Milliseconds as a duration."""
    return Duration(seconds=ms // 1000, nanos=ms % 1000 * 1_000_000)

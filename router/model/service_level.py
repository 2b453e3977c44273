"""The definitions of service level that contact centres use.

They differ in what counts as the whole, so a figure without its definition says little:
the policy names one for each queue, and every report prints it. The arithmetic is in
`router.measures`; this file only holds the names.
"""

from enum import StrEnum


class Definition(StrEnum):
    """Which formula turns counts into a service level.

    "Within" are the interactions answered within the queue's threshold.
    """

    WITHIN_OF_ANSWERED_AND_ABANDONED = "within_of_answered_and_abandoned"
    """within / (answered + abandoned)"""
    WITHIN_AND_ABANDONED_WITHIN_OF_OFFERED = "within_and_abandoned_within_of_offered"
    """(within + abandoned within the threshold) / offered"""
    WITHIN_OF_OFFERED_LESS_SHORT_ABANDONED = "within_of_offered_less_short_abandoned"
    """within / (offered - abandoned sooner than the queue's `short_abandon`)"""
    WITHIN_OF_ANSWERED = "within_of_answered"
    """within / answered"""

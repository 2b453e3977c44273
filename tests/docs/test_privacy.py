"""The times that docs/privacy.md tells are those that are in force."""

from router.model.context import DataClass
from router.model.context_limits import KEPT_MS
from router.model.time import days
from tests.docs.markdown import code, table


def test_every_class_is_kept_for_as_long_as_the_page_says():
    told = {
        DataClass[code(name)[0]]: days(int(kept.removesuffix(" days").replace(",", "")))
        for name, _, kept in table("docs/privacy.md", "Class")
    }

    assert dict(KEPT_MS) == told

"""Names and rows: what callers call things, both ways, and never two for one row."""

from router.engine.kinds import Table
from router.engine.names import Directory, Names


def test_a_name_finds_its_row_and_the_row_its_name():
    names = Names()
    names.bind(7, "çağrı-7")

    assert 7 == names.rows["çağrı-7"]
    assert "çağrı-7" == names.texts[7]


def test_a_row_taken_again_forgets_its_old_name():
    names = Names()
    names.bind(7, "old")
    names.bind(7, "new")

    assert {"new": 7} == names.rows
    assert {7: "new"} == names.texts


def test_releasing_an_old_row_leaves_the_name_to_its_new_one():
    names = Names()
    names.bind(1, "call-1")
    names.bind(2, "call-1")
    names.release(1)

    assert {"call-1": 2} == names.rows


def test_releasing_what_has_no_name_is_nothing():
    names = Names()
    names.release(5)

    assert 0 == len(names)


def test_conversations_and_customers_have_names_of_their_own():
    directory = Directory()
    directory.bind(Table.INTERACTION, 4, "call-4")
    directory.bind(Table.CONVERSATION, 2, "need-2")
    directory.bind(Table.CUSTOMER, 1, "cus-1")
    directory.interactions.release(4)

    assert 2 == directory.conversations.rows["need-2"]
    assert [
        (Table.CONVERSATION, 2, "need-2"),
        (Table.CUSTOMER, 1, "cus-1"),
    ] == sorted(directory.entries())


def test_a_snapshots_entries_make_the_same_directory():
    directory = Directory()
    for table, row, text in (
        (Table.AGENT, 0, "ann"),
        (Table.DISPLAY, 0, "Ann"),
        (Table.QUEUE, 0, "Müşteri"),
        (Table.SKILL, 1, "billing"),
        (Table.INTERACTION, 9, "call-9"),
        (Table.CUSTOMER, 9, "k-1"),
    ):
        directory.bind(table, row, text)
    copy = Directory()
    for entry in directory.entries():
        copy.bind(*entry)

    assert sorted(directory.entries()) == sorted(copy.entries())
    assert 1 == copy.agents.next_row()

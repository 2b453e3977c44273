"""E-mail threads: answers find the conversation they answer."""

import pytest

from router.intake.threads import ThreadWrong, thread_of


def test_a_first_mail_begins_a_thread_under_its_own_id():
    first = thread_of("<a1@posta.örnek.com.tr>")

    assert first.key == first.own
    assert (first.key,) == first.keys
    assert first.key.startswith("mail-")


def test_an_answer_is_of_the_thread_that_its_references_begin_with():
    first = thread_of("<a1@ornek.com.tr>")
    answer = thread_of("<b2@shop>", "<a1@ornek.com.tr>", "<a1@ornek.com.tr>")
    third = thread_of(
        "<c3@ornek.com.tr>", "<b2@shop>", "<a1@ornek.com.tr>\r\n <b2@shop>"
    )

    assert first.key == answer.key == third.key
    assert answer.own == third.keys[1]


def test_without_references_the_mail_that_is_answered_makes_the_thread():
    first = thread_of("<a1@ornek.com.tr>")

    assert first.key == thread_of("<b2@shop>", "<a1@ornek.com.tr>").key


def test_a_program_that_forgets_the_oldest_id_is_found_by_a_newer_one():
    answer = thread_of("<b2@shop>", "<a1@x>", "<a1@x>")
    forgetful = thread_of("<d4@x>", "<c3@x>", "<b2@shop> <c3@x>")

    assert forgetful.key == answer.own
    assert forgetful.key in forgetful.keys


def test_the_machine_s_name_may_change_its_case_and_the_rest_may_not():
    assert thread_of("<A1@Ornek.COM>").key == thread_of("<A1@ornek.com>").key
    assert thread_of("<A1@ornek.com>").key != thread_of("<a1@ornek.com>").key


def test_comments_and_folded_lines_are_no_ids():
    folded = thread_of("<b@x>", "", "<a@x> (Çağrı wrote)\r\n\t<b0@x>\n <b@x>")

    assert folded.keys == (
        thread_of("<a@x>").key,
        thread_of("<b0@x>").key,
        thread_of("<b@x>").key,
    )


def test_a_loop_of_a_mail_with_itself_is_no_thread():
    assert thread_of("<a@x>").keys == thread_of("<a@x>", "<a@x>", "<a@x> <a@x>").keys


def test_of_a_long_way_back_the_oldest_and_the_newest_are_kept():
    references = " ".join(f"<m{n}@x>" for n in range(500))
    long = thread_of("<m500@x>", "<m499@x>", references)

    assert thread_of("<m0@x>").key == long.key
    assert 101 == len(long.keys)
    assert thread_of("<m499@x>").key == long.keys[1]


@pytest.mark.parametrize("text", ["", "no id", "<a@x> <b@x>", "<>", "<a b@x>"])
def test_a_mail_has_one_id_of_its_own(text):
    with pytest.raises(ThreadWrong, match="one id in angle brackets"):
        thread_of(text)


def test_headers_are_bounded():
    with pytest.raises(ThreadWrong, match="References has 32769 characters"):
        thread_of("<a@x>", "", "x" * 32_769)


def test_keys_hold_nothing_of_the_ids():
    assert "elif" not in "".join(thread_of("<elif@ornek.com.tr>").keys)

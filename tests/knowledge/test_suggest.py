"""Which canned answers are offered for what a customer says, and why."""

from __future__ import annotations

from deskbell.knowledge.suggest import Known, Suggestion, suggest

SUPPORT, BILLING = 1, 2
WORDS = ["hello", "my", "tent", "arrived", "with", "a", "broken", "zipper", "thanks"]
SAID = {word: word for word in WORDS}


def _known(number: int, words: str, **other: int) -> Known:
    return Known(number, frozenset(words.split()), frozenset({"en"}), **other)


def test_the_answer_with_the_customers_words_is_offered_and_says_which() -> None:
    answers = [_known(1, "zipper broken repair"), _known(2, "invoice address")]
    assert suggest(SAID, answers, department=SUPPORT) == [Suggestion(1, ("broken", "zipper"))]


def test_nothing_is_offered_where_no_word_is_shared() -> None:
    assert suggest(SAID, [_known(1, "invoice address")], department=SUPPORT) == []
    assert suggest({}, [_known(1, "invoice address")], department=SUPPORT) == []


def test_words_that_many_answers_have_bring_none() -> None:
    answers = [_known(number, "hello thanks") for number in range(1, 20)]
    assert suggest(SAID, answers, department=SUPPORT) == []
    answers.append(_known(20, "hello thanks zipper"))
    assert suggest(SAID, answers, department=SUPPORT) == [Suggestion(20, ("zipper",))]


def test_a_rarer_word_weighs_more() -> None:
    answers = [_known(1, "tent"), _known(2, "tent"), _known(3, "zipper")]
    offered = suggest(SAID, answers, department=SUPPORT)
    assert [one.answer_id for one in offered] == [3, 1, 2]


def test_of_two_alike_the_own_department_is_first() -> None:
    answers = [_known(1, "zipper", department=BILLING), _known(2, "zipper", department=SUPPORT)]
    assert [one.answer_id for one in suggest(SAID, answers, department=SUPPORT)] == [2, 1]


def test_of_two_alike_the_customers_language_is_first() -> None:
    czech = Known(2, frozenset({"zipper"}), frozenset({"cs"}))
    offered = suggest(SAID, [_known(1, "zipper"), czech], department=SUPPORT, language="cs")
    assert [one.answer_id for one in offered] == [2, 1]


def test_of_two_alike_the_one_that_was_sent_often_is_first() -> None:
    answers = [_known(1, "zipper"), _known(2, "zipper", used=40)]
    assert [one.answer_id for one in suggest(SAID, answers, department=SUPPORT)] == [2, 1]


def test_no_more_than_three_are_offered() -> None:
    answers = [_known(number, "zipper") for number in range(1, 6)]
    assert len(suggest(SAID, answers, department=SUPPORT)) == 3


def test_a_word_and_its_stem_are_one_word() -> None:
    said = {"zippers": "Zippers", "·en·zipper": "Zippers", "tent": "tent"}
    answers = [_known(1, "zippers ·en·zipper"), _known(2, "tent"), _known(3, "tent")]
    assert suggest(said, answers, department=SUPPORT)[0] == Suggestion(1, ("Zippers",))


def test_what_answered_such_tickets_is_offered_without_a_shared_word_from_the_second_time_on() -> (
    None
):
    answers = [_known(1, "invoice", tagged=1), _known(2, "invoice", tagged=2)]
    assert suggest(SAID, answers, department=SUPPORT) == [Suggestion(2, (), 2)]


def test_of_two_alike_the_one_that_answered_such_tickets_is_first() -> None:
    answers = [_known(1, "zipper"), _known(2, "zipper", tagged=1)]
    assert [one.answer_id for one in suggest(SAID, answers, department=SUPPORT)] == [2, 1]

"""Is a code what it should be?"""

from handlers.booking import storing


def test_a_code_has_eight_letters_that_are_not_taken_for_others() -> None:
    codes = [storing.new_code() for _each in range(500)]
    assert len(set(codes)) == 500
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set("23456789ABCDEFGHJKMNPQRSTVWXYZ")

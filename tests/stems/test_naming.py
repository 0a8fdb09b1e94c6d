from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.stems import file_names, safe_name
from avstem.stems.naming import NAME_BYTES

anything = st.text(max_size=300) | st.text("con.aux1 /\\:é\u0301ヴ\u200d…", max_size=120)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Violin 1", "Violin 1"),
        ("", "Part"),
        (" . ", "Part"),
        ("\x00\x1f\u202e", "Part"),
        ("Flute/Piccolo", "Flute-Piccolo"),
        ('Horn "F"', "Horn 'F'"),
        ("a<b>c:d|e?f*g\\h", "a-b-c-d-e-f-g-h"),
        ("Oboe...", "Oboe"),
        ("  Viola \t da\ngamba ", "Viola da gamba"),
        ("CON", "_CON"),
        ("nul.take2", "_nul.take2"),
        ("Lpt3", "_Lpt3"),
        ("Concert", "Concert"),
        ("ヴィオラ", "ヴィオラ"),
        ("Ce\u0301llo", "Céllo"),
    ],
)
def test_a_name_becomes_what_every_system_takes(given_name: str, expected: str) -> None:
    assert safe_name(given_name) == expected


def test_long_names_keep_their_end() -> None:
    names = [f"{'very long name of an orchestra ' * 6}Violin {n}" for n in (1, 2)]
    found = [safe_name(name) for name in names]
    assert [name[-8:] for name in found] == ["Violin 1", "Violin 2"]
    assert all(len(name.encode()) <= NAME_BYTES for name in found)


def test_the_limit_counts_bytes() -> None:
    assert safe_name("ヴ" * 33) == "ヴ" * 33
    assert len(safe_name("ヴ" * 34).encode()) <= NAME_BYTES


@given(anything)
def test_any_text_gives_a_valid_name_that_stays(text: str) -> None:
    name = safe_name(text)
    assert safe_name(name) == name
    assert name and len(name.encode()) <= NAME_BYTES + 1
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f]', name)
    assert name == name.strip(". ")
    assert unicodedata.is_normalized("NFC", name)


@given(st.lists(anything | st.just("Violin"), min_size=1, max_size=120))
def test_file_names_are_unique_where_case_does_not_count(names: list[str]) -> None:
    files = file_names(names)
    assert len({file.casefold() for file in files}) == len(names)
    assert sorted(files) == list(files)


def test_numbers_have_two_digits_and_three_beyond_99() -> None:
    assert file_names(["Violin 1", "Viola"]) == ("01 Violin 1", "02 Viola")
    assert file_names(["x"] * 100)[0] == "001 x"

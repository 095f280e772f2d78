import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.folding import fold

LETTERS = "abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿœæñABCÀÉŒÆÇ0123456789 '’-–—.,;:!?«»\"()/&"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Œuvre Léger", "l oeuvre leger"),
        ("L'Œuvre  Léger", "l oeuvre leger"),
        ("Saguenay–Lac-Saint-Jean", "saguenay lac saint jean"),
        ("Comité de Solidarité/Trois-Rivières", "comite de solidarite trois rivieres"),
        ("É.É.M.", "e e m"),
        ("", ""),
        ("« … »", ""),
    ],
)
def test_text_is_folded(text, folded):
    assert fold(text) == folded


def in_database(function, text):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [text])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=LETTERS, max_size=60))
def test_python_and_database_fold_alike(text):
    assert in_database("f_fold", text) == fold(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("L’AMIE – Aide internationale à l’enfance", "amie aide internationale a l enfance"),
        ("Les Gourganes solidaires", "gourganes solidaires"),
        ("Lanterne", "lanterne"),
        ("Électriciennes", "electriciennes"),
    ],
)
def test_a_leading_article_does_not_sort(name, key):
    assert in_database("f_sort", name) == key

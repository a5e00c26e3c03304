"""Many rows at a time: what went in comes out, on either database, in however many statements."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys import rows
from surveys.models import Administration, Respondent, RespondentGroup, Submission
from surveys.rows import insert_rows, lock_rows, rows_at

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)
# What the text format of COPY, JSON and SQL each give a meaning to.
AWKWARD = [
    "a\tb",
    "two\nlines\r\nthree",
    "\\",
    "\\N",
    "\\.",
    "\\t is no tab",
    """'single' and "double" quotes""",
    "%s, %(name)s and 100 %",
    "{}",
    "null",
    " blanks at both ends ",
    "Größe, 問い, 🙂, \u2028",
    "",
]
# No database stores NUL in text, nor half a surrogate pair.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=120)
SHORT = TEXT.map(lambda text: text[:40])
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9).filter(lambda x: x != 0)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
).filter(lambda value: value is not None)  # which is NULL
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - the zone is drawn below
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-720, 840)),
)


@pytest.fixture
def group(open_study):
    return RespondentGroup.objects.create(
        study=open_study, key="rows", label="Rows", kind="human", simulated=True
    )


@pytest.fixture
def row(group):
    """Make a respondent's row; everything that may be NULL is, unless it is given."""

    def make(**given):
        return {
            "study_id": group.study_id,
            "group_id": group.pk,
            "kind": "human",
            "simulated": False,
            "link_id": None,
            "recruiter": "",
            "recruiter_id": "",
            "demographics": {},
            "design": {},
            "sampling": {},
            "matched_to_id": None,
            "created_at": NOON,
            **given,
        }

    return make


def stored(group, *names):
    return list(group.respondents.order_by("pk").values_list(*names))


def keys(administration, count):
    return [
        {
            "administration_id": administration.pk,
            "idempotency_key": f"{administration.pk}-{n}",
            "recorded_at": NOON,
        }
        for n in range(count)
    ]


def test_no_rows_are_no_statement(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        insert_rows(Respondent, [])


@pytest.mark.parametrize("text", AWKWARD)
def test_text_comes_back_as_it_was(row, group, text):
    insert_rows(Respondent, [row(recruiter=text, demographics={text: [text]})])
    assert stored(group, "recruiter", "demographics") == [(text, {text: [text]})]


@pytest.mark.parametrize("value", [True, False, 0, 1.5, "", "null", [], {}, [None, {"a": "\\N"}]])
def test_json_comes_back_as_it_was(row, group, value):
    insert_rows(Respondent, [row(design=value)])
    assert stored(group, "design") == [(value,)]
    # As Django itself would have stored it, and not wrapped once more.
    by_django = Respondent.objects.create(
        study=group.study, group=group, kind="human", design=value
    )
    assert stored(group, "design")[-1] == (value,)
    assert column("design", Respondent.objects.exclude(pk=by_django.pk).get(group=group)) == column(
        "design", by_django
    )


def column(name, instance):
    """What the database holds, as text."""
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(Respondent._meta.db_table)
        cursor.execute(f"SELECT CAST({name} AS text) FROM {table} WHERE id = %s", [instance.pk])
        return cursor.fetchone()[0]


def test_null_is_null_and_not_the_word(row, group, link):
    insert_rows(Respondent, [row(), row(link_id=link.pk), row(recruiter_id="None")])
    assert stored(group, "link", "matched_to", "recruiter_id") == [
        (None, None, ""),
        (link.pk, None, ""),
        (None, None, "None"),
    ]
    assert group.respondents.filter(link__isnull=True).count() == 2


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_a_time_of_any_zone_is_the_same_moment(row, group, hours):
    at = NOON.astimezone(timezone(timedelta(hours=hours)))
    insert_rows(Respondent, [row(created_at=at)])
    (found,) = stored(group, "created_at")
    assert found == (at,)
    assert found[0].utcoffset() == timedelta(0)
    # And the database compares it as one.
    assert group.respondents.filter(created_at=NOON).exists()


@settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
)
@given(given=st.lists(st.tuples(SHORT, JSON, TIMES), min_size=1, max_size=5))
def test_whatever_goes_in_comes_out(row, group, given):
    with transaction.atomic():
        insert_rows(
            Respondent,
            [row(recruiter=t, demographics=j, created_at=at) for t, j, at in given],
        )
        found = stored(group, "recruiter", "demographics", "created_at")
        transaction.set_rollback(True)
    assert [t for t, _, _ in found] == [t for t, _, _ in given]
    assert [at for _, _, at in found] == [at for _, _, at in given]
    # Through JSON once: what a number is after that is for JSON to say, and not for these rows.
    assert [j for _, j, _ in found] == [json.loads(json.dumps(j)) for _, j, _ in given]


def test_the_order_of_the_keys_is_that_of_the_first_row(row, group):
    mixed = row(recruiter="second")
    insert_rows(Respondent, [row(recruiter="first"), dict(reversed(mixed.items()))])
    assert stored(group, "recruiter", "kind") == [("first", "human"), ("second", "human")]


def test_more_rows_than_one_statement_takes(person):
    count = rows._MOST_PARAMETERS // 3 + 1234
    insert_rows(Submission, keys(person, count))
    found = Submission.objects.filter(administration=person)
    assert found.count() == count
    assert found.filter(idempotency_key=f"{person.pk}-{count - 1}").exists()


def test_rows_of_several_statements_are_all_there_or_none(person):
    """The last of them is the first once more."""
    given = keys(person, rows._MOST_PARAMETERS // 3 + 1)
    given.append(given[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Submission, given)
    assert not Submission.objects.exists()


def test_a_violation_is_djangos_and_after_the_savepoint_the_transaction_goes_on(person):
    once = keys(person, 2)
    with transaction.atomic():
        insert_rows(Submission, once)
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            insert_rows(Submission, [*keys(person, 3)[2:], once[0]])
        # The driver's own error is its cause, as with any statement of Django's.
        assert type(caught.value.__cause__).__module__ != "django.db.utils"
        assert Submission.objects.count() == 2
        insert_rows(Submission, keys(person, 3)[2:])
    assert Submission.objects.count() == 3


@pytest.mark.parametrize("column", ["recruiter_id", "design", "created_at"])
def test_what_must_not_be_null_is_refused_as_by_django(row, column):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Respondent, [row(**{column: None})])


def test_text_that_is_too_long_is_not_cut(row, group):
    with transaction.atomic():
        try:
            with transaction.atomic():
                insert_rows(Respondent, [row(recruiter="x" * 41)])
        except DatabaseError:
            assert connection.vendor == "postgresql"
            assert stored(group, "recruiter") == []
        else:  # SQLite knows no lengths
            assert stored(group, "recruiter") == [("x" * 41,)]


def test_a_name_that_is_no_column_is_named(db):
    with pytest.raises(TypeError, match="submissions"):
        insert_rows(Administration, [{"submissions": 1}])


def test_rows_are_found_at_their_pairs_and_nowhere_else(person, link):
    insert_rows(Submission, keys(person, 20))
    pairs = [(person.pk, f"{person.pk}-{n}") for n in (3, 17)]
    # Each half of this one is in the table, but not together.
    pairs += [(person.pk + 1, f"{person.pk}-4"), (person.pk, "4")]
    names = ("administration_id", "idempotency_key")
    found = rows_at(Submission, names, pairs, returning=("idempotency_key", "administration_id"))
    assert sorted(found) == sorted((key, at) for at, key in pairs[:2])
    assert rows_at(Submission, names, [], returning=names) == []


def test_many_pairs_are_looked_up_in_as_many_statements_as_it_takes(
    person, django_assert_num_queries
):
    there = keys(person, 40)
    insert_rows(Submission, there)
    many = rows._MOST_PARAMETERS // 2 + 5
    pairs = [(person.pk, f"{person.pk}-{n}") for n in reversed(range(many))]
    with django_assert_num_queries(2):
        found = rows_at(
            Submission,
            ("administration_id", "idempotency_key"),
            pairs,
            returning=("idempotency_key",),
        )
    assert sorted(found) == sorted((row["idempotency_key"],) for row in there)


def test_only_rows_that_match_are_locked_and_in_the_order_of_their_keys(row, group):
    insert_rows(
        Respondent,
        [row(recruiter_id=str(n), recruiter="ours" if n % 2 else "theirs") for n in range(6)],
    )
    every = [pk for (pk,) in stored(group, "pk")]
    ours = [pk for pk, recruiter in stored(group, "pk", "recruiter") if recruiter == "ours"]
    with transaction.atomic():
        assert lock_rows(Respondent, every[::-1], {"recruiter": "ours"}) == ours
        assert lock_rows(Respondent, every[:2], {"recruiter": "ours"}) == ours[:1]
        both = {"recruiter": "ours", "recruiter_id": "5"}
        assert lock_rows(Respondent, every, both) == ours[-1:]
        assert lock_rows(Respondent, every, {"recruiter": "nobody's"}) == []
        assert lock_rows(Respondent, every[::-1], {}) == every
        assert lock_rows(Respondent, [0], {}) == []


def test_no_keys_lock_nothing_and_ask_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert lock_rows(Respondent, [], {"kind": "human"}) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_locked_row_is_held_until_the_transaction_ends(person):
    """Another connection that does not want to wait gets the rows that were not locked."""
    other = connection.copy()
    ask = "SELECT id FROM surveys_administration WHERE id = %s FOR UPDATE SKIP LOCKED"

    def free():
        with other.cursor() as cursor:
            cursor.execute(ask, [person.pk])
            return cursor.fetchall() == [(person.pk,)]

    try:
        with transaction.atomic():
            assert free()
            assert lock_rows(Administration, [person.pk], {"status": "paused"}) == []
            assert free()
            assert lock_rows(Administration, [person.pk], {"status": person.status}) == [person.pk]
            assert not free()
        assert free()
    finally:
        other.close()

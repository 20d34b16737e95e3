"""Functions on dates and times."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, failure, value

from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.functions.datetime import Timestamp, parse_timestamp
from kvmform.lang.functions.signature import FunctionError
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

MOMENT = "2018-01-02T23:05:09Z"


@pytest.mark.parametrize(
    ("text", "nanoseconds", "offset"),
    [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000, 0),
        ("1969-12-31T23:59:59.999999999Z", -1, 0),
        ("1970-01-01T01:00:00.0000000019+01:30", -1_799_999_999_999, 5400),
        ("2000-02-29T00:00:00-00:30", 951_784_200_000_000_000, -1800),
    ],
)
def test_timestamps(text, nanoseconds, offset):
    assert parse_timestamp(text) == Timestamp(nanoseconds, offset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018-01-02",
        "2018-01-02 00:00:00Z",
        "2018-01-02T00:00:00",
        "2018-01-02t00:00:00z",
        "2018-1-2T00:00:00Z",
        "2018-13-02T00:00:00Z",
        "2018-02-29T00:00:00Z",
        "2018-01-02T24:00:00Z",
        "2018-01-02T00:00:60Z",
        "2018-01-02T00:00:00,5Z",
        "2018-01-02T00:00:00+24:00",
        "2018-01-02T00:00:00+00:60",
        "0000-01-01T00:00:00Z",
        "٢٠18-01-02T00:00:00Z",  # noqa: RUF001 - digits, but not of ASCII
    ],
)
def test_what_is_no_timestamp(text):
    with pytest.raises(FunctionError, match="not a valid RFC3339 timestamp"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("template", "time", "expected"),
    [
        ("DD MMM YYYY hh:mm ZZZ", MOMENT, "02 Jan 2018 23:05 UTC"),
        ("EEEE, DD-MMMM-YY hh:mm:ss ZZZ", MOMENT, "Tuesday, 02-January-18 23:05:09 UTC"),
        ("EEE M/D H:m:s AA aa", MOMENT, "Tue 1/2 11:5:9 PM pm"),
        ("HH h", "2018-01-02T00:05:09Z", "12 0"),
        ("YYYY-MM-DD'T'hh:mm:ssZ", "2018-01-02T23:05:09-08:00", "2018-01-02T23:05:09-08:00"),
        ("Z ZZZ ZZZZ ZZZZZ", "2018-01-02T23:05:09+05:30", "+05:30 +0530 +0530 +05:30"),
        ("Z ZZZ ZZZZ ZZZZZ", MOMENT, "Z UTC +0000 +00:00"),
        ("h 'o''clock' ''", MOMENT, "23 o'clock '"),
        ("--: ", MOMENT, "--: "),
        ("", MOMENT, ""),
    ],
)
def test_formatdate(template, time, expected):
    assert value("formatdate(template, time)", template=template, time=time) == expected


@pytest.mark.parametrize(
    ("template", "because"),
    [
        ("'open", "unterminated literal '"),
        ("Y", 'invalid date format verb "Y": must be one of "YY", "YYYY"'),
        ("ZZ", 'must be one of "Z", "ZZZ", "ZZZZ", "ZZZZZ"'),
        ("A", 'must be one of "AA"'),
        ("Q", "there is no such letter; enclose literal text in single quotes"),
    ],
)
def test_wrong_date_formats(template, because):
    assert_fails("formatdate(x, y)", because, x=template, y=MOMENT)


@pytest.mark.parametrize(
    ("time", "duration", "expected"),
    [
        ("2017-11-22T00:00:00Z", "1h30m", "2017-11-22T01:30:00Z"),
        ("2017-11-22T00:00:00Z", "-1.5h", "2017-11-21T22:30:00Z"),
        ("2017-11-22T00:00:00+02:00", "+.5s1ms", "2017-11-22T00:00:00+02:00"),
        ("2017-11-22T00:00:00.999Z", "1000us", "2017-11-22T00:00:01Z"),
        ("2017-11-22T00:00:00.999999Z", "999ns1ns", "2017-11-22T00:00:01Z"),
        ("2017-11-22T00:00:00Z", "1µs", "2017-11-22T00:00:00Z"),
        ("2017-11-22T00:00:00Z", "0", "2017-11-22T00:00:00Z"),
        ("2016-02-28T12:00:00Z", "24h", "2016-02-29T12:00:00Z"),
    ],
)
def test_timeadd(time, duration, expected):
    assert value("timeadd(time, duration)", time=time, duration=duration) == expected


@pytest.mark.parametrize("duration", ["", "-", "1", "h", "1d", "1h 1m", "1h-1m", ".s", "2562048h", "1e3s"])
def test_what_is_no_duration(duration):
    assert_fails("timeadd(x, y)", "invalid duration", x=MOMENT, y=duration)


def test_times_beyond_the_calendar():
    assert_fails("timeadd(x, y)", "outside of the years 1 to 9999", x="9999-12-31T23:59:59Z", y="1h")


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ("2017-11-22T01:00:00Z", "2017-11-22T00:00:00Z", 1),
        ("2017-11-22T00:00:00Z", "2017-11-22T00:00:00.000000001Z", -1),
        ("2017-11-22T06:00:00+02:00", "2017-11-22T04:00:00Z", 0),
    ],
)
def test_timecmp(first, second, order):
    assert value("timecmp(first, second)", first=first, second=second) == order


def test_the_wrong_timestamp_is_pointed_at():
    assert failure('timecmp("2017-11-22T00:00:00Z", "soon")').subject.text == "soon"
    assert failure('formatdate("YYYY", "soon")').subject.text == "soon"
    assert failure('timeadd("soon", "1h")').subject.text == "timeadd("


def test_now_and_the_time_of_the_plan():
    assert value("timestamp()") == "2026-01-02T03:04:05Z"
    assert value("timestamp()", pure=True) == Unknown(STRING, not_null=True)
    assert value("plantimestamp()", pure=True) == "2026-01-02T00:00:00Z"
    assert value("timeadd(timestamp(), x)", x=LATER) == Unknown(STRING)


def test_there_is_no_time_of_the_plan_without_a_plan():
    context = call_context(".", lambda: pytest.fail("asked for the time"), pure=True)
    assert evaluate(parse_expression("plantimestamp()", "main.tf"), Scope(context=context)) == Unknown(STRING)

"""Functions that encode and decode: base64, character sets, gzip, URLs, JSON, CSV, hashes, UUIDs."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import pytest
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.values.model import UNKNOWN, ListValue, Unknown
from kvmform.values.types import STRING, ListType, MapType, TupleType, object_type


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('base64encode("héllo")', "aMOpbGxv"),
        ('base64decode("aMOp\\nbGxv")', "héllo"),
        ('base64decode("YR==")', "a"),
        ('base64decode("")', ""),
        ('textencodebase64("é", "UTF-16LE")', "6QA="),
        ('textencodebase64("é", "UTF-16")', "/v8A6Q=="),
        ('textencodebase64("é", "latin1")', "6Q=="),
        ('textencodebase64("ก", "windows-874")', "oQ=="),
        ('textencodebase64("中", "CP936")', "1tA="),
        ('textdecodebase64("6QA=", "utf-16le")', "é"),
        ('textdecodebase64("//5hAA==", "UTF-16")', "a"),
        ('textdecodebase64("AGE=", "UTF-16")', "a"),
        ('textdecodebase64("gqA=", "Shift_JIS")', "あ"),
        ('urlencode("a b&c=é~-_.!*")', "a+b%26c%3D%C3%A9~-_.%21%2A"),
        ('base64gzip("")', "H4sIAAAAAAAA/wAAAP//AQAA//8AAAAAAAAAAA=="),
        ('base64gzip("test")', "H4sIAAAAAAAA/ypJLS4BAAAA//8BAAD//wx+f9gEAAAA"),
    ],
)
def test_encodings(call, expected):
    assert value(call) == expected


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('base64decode("YQ")', 'failed to decode base64 data "YQ"'),
        ('base64decode("Y Q==")', "failed to decode base64 data"),
        ('base64decode("YQ==YQ==")', "failed to decode base64 data"),
        ('base64decode("_w==")', "failed to decode base64 data"),
        ('base64decode("/w==")', "not valid UTF-8"),
        ('textencodebase64("a", "NOT-EXISTS")', '"NOT-EXISTS" is not a supported IANA encoding name or alias'),
        ('textencodebase64("a", "rot13")', "is not a supported IANA encoding"),
        ('textencodebase64("a", "unicode_escape")', "is not a supported IANA encoding"),
        ('textencodebase64("a", "")', "is not a supported IANA encoding"),
        ('textencodebase64("é", "KOI8-R")', "characters that cannot be represented in KOI8-R"),
        ('textdecodebase64("?", "UTF-8")', "the given value is not valid base64"),
        ('textdecodebase64("gQ==", "windows-1250")', "symbols that are not defined for windows-1250"),
        ('textdecodebase64("YQBi", "UTF-16LE")', "symbols that are not defined for UTF-16LE"),
    ],
)
def test_wrong_encodings(call, because):
    assert_fails(call, because)


def test_gzip_can_be_read_by_anybody():
    text = "hypervisor é\n" * 5000
    packed = base64.b64decode(value("base64gzip(x)", x=text))
    assert gzip.decompress(packed).decode() == text
    assert len(packed) < 1000


def test_decoded_text_is_in_normal_form():
    assert value('base64decode("ZcyB")') == "é"
    assert value('jsondecode("{\\"e\\\\u0301\\": \\"e\\\\u0301\\"}")') == {"é": "é"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("jsonencode({ b = [1, 1.50, null, true], a = {} })", '{"a":{},"b":[1,1.5,null,true]}'),
        ('jsonencode("<a&b>\\u2028\\"\\\\\\n\\u0001é")', '"\\u003ca\\u0026b\\u003e\\u2028\\"\\\\\\n\\u0001é"'),
        ("jsonencode(toset([2, 1]))", "[1,2]"),
        ('jsonencode(tomap({ b = "x", a = "y" }))', '{"a":"y","b":"x"}'),
        ("jsonencode(1e30)", "1" + "0" * 30),
        ("jsonencode(0.0000001)", "0.0000001"),
        ("jsonencode(null)", "null"),
    ],
)
def test_jsonencode(call, expected):
    assert value(call) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (' {"a": [1, 1.5, 1e3, true, null, "x"]} ', '{ a = [1, 1.5, 1000, true, null, "x"] }'),
        ('"\\ud83d\\ude00"', '"😀"'),
        ('"a\\ud83d b"', '"a\ufffd b"'),
        ('{"a": 1, "a": 2}', "{ a = 2 }"),
        ("12345678901234567890", "12345678901234567890"),
        ("0.1", "0.1"),
    ],
)
def test_jsondecode(text, expected):
    assert_gives("jsondecode(x)", expected, x=text)


@pytest.mark.parametrize(
    "text", ["", "1 2", "[1,]", "{a: 1}", "NaN", "[-Infinity]", "nul", "'a'", '"\n"', "[" * 100_000]
)
def test_what_is_no_json(text):
    assert_fails("jsondecode(x)", "invalid JSON", x=text)


def test_the_place_of_a_json_error_is_told():
    assert_fails("jsondecode(x)", "invalid JSON: expecting value, at line 2, column 4", x='{\n"":}')


def test_json_of_what_is_not_known():
    assert value("jsonencode({ a = x })", x=LATER) == Unknown(STRING, not_null=True, prefix="{")
    assert value("jsonencode([x])", x=LATER).prefix == "["
    assert value("jsonencode(x)", x=LATER).prefix == '"'
    assert value("jsonencode(x)", x=Unknown(TupleType(()), not_null=True)).prefix == "["
    assert value("jsonencode(x)", x=Unknown(MapType(STRING), not_null=True)).prefix == "{"
    assert value("jsonencode(x)", x=Unknown(STRING)).prefix == ""
    assert value("jsondecode(x)", x=LATER) == UNKNOWN


def test_infinity_has_no_json():
    assert_fails("jsonencode([1 / 0])", "cannot serialize infinity as JSON")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n3,4\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        ('name,note\r\nweb,"x, ""y""\r\nz"\r\n', [{"name": "web", "note": 'x, "y"\nz'}]),
        ("\n\na\n\n 1 \n", [{"a": " 1 "}]),
        ("a,b\n,\n", [{"a": "", "b": ""}]),
        ("a,b\n1,", [{"a": "1", "b": ""}]),
        ("a\n1\r", [{"a": "1"}]),
        ("a\n", []),
    ],
)
def test_csvdecode(text, rows):
    result = value("csvdecode(x)", x=text)
    assert isinstance(result, ListValue)
    assert list(result.items) == rows


def test_the_header_makes_the_type_of_the_rows():
    assert value('csvdecode("b,a")').element == object_type({"a": STRING, "b": STRING})
    assert value("csvdecode(x)", x=LATER) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "missing header line"),
        ("\n\n", "missing header line"),
        ("a,b,a\n", 'duplicate column name "a"'),
        ("a,b\n1\n", "CSV parse error on line 2: wrong number of fields"),
        ('a\n"x\ny"\n1,2\n', "CSV parse error on line 4: wrong number of fields"),
        ('a\nx"y\n', 'CSV parse error on line 2: bare " in non-quoted-field'),
        ('a\n"x"y\n', 'CSV parse error on line 2: extraneous or missing " in quoted-field'),
        ('a\n"x\n', 'CSV parse error on line 2: extraneous or missing " in quoted-field'),
    ],
)
def test_what_is_no_csv(text, because):
    assert_fails("csvdecode(x)", because, x=text)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('md5("é")', "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
        ('sha1("")', "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ('sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ('base64sha256("")', "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ('substr(sha512("a"), 0, 16)', "1f40fc92da241694"),
        ('substr(base64sha512("a"), 0, 16)', "H0D8ktokFpR1CXnu"),
        ('uuidv5("dns", "example.com")', "cfbff0d1-9375-5685-968c-48ce8b15ae17"),
        ('uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "example.com")', "cfbff0d1-9375-5685-968c-48ce8b15ae17"),
        ('uuidv5("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}", "example.com")', "cfbff0d1-9375-5685-968c-48ce8b15ae17"),
        ('uuidv5("url", "a") == uuidv5("oid", "a")', False),
    ],
)
def test_hashes(call, expected):
    assert value(call) == expected


def test_hashes_of_files(tmp_path: Path):
    (tmp_path / "disk.img").write_bytes(b"\xff\x00")
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert value(f'file{name}("disk.img")', directory=str(tmp_path)) == hash_of(name, b"\xff\x00")
    assert (
        value('filebase64sha256("disk.img")', directory=str(tmp_path))
        == base64.b64encode(bytes.fromhex(hash_of("sha256", b"\xff\x00"))).decode()
    )
    assert_fails('filesha512("nosuch")', 'no file exists at "nosuch"')


def hash_of(name: str, data: bytes) -> str:
    import hashlib

    return hashlib.new(name, data).hexdigest()


def test_uuids_are_random():
    first, second = value("uuid()"), value("uuid()")
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first)
    assert first != second


@pytest.mark.parametrize(
    "namespace", ["bogus", "6ba7b810", "6ba7b8109dad11d180b400c04fd430c8x", "6ba7b8-109dad-11d1-80b4-00c04fd430c8-"]
)
def test_namespaces_of_uuids(namespace):
    assert_fails(f'uuidv5("{namespace}", "x")', "is neither a namespace (dns, url, oid or x500) nor a UUID")


def test_bcrypt():
    bcrypt = pytest.importorskip("bcrypt")
    hashed = value('bcrypt("secret", 4)')
    assert hashed.startswith("$2a$04$")
    assert bcrypt.checkpw(b"secret", hashed.encode())
    assert_fails("bcrypt(x)", "error occurred generating password", x="x" * 73)


def test_bcrypt_refuses_costs_that_take_for_ever():
    assert_fails('bcrypt("a", 50)', "cost 50 is outside of the range 4 to 31")
    assert_fails('bcrypt("a", 4, 5)', "takes no more than two arguments")


def test_a_list_of_records_is_unknown_with_its_text():
    assert value('split(",", base64encode(x))', x=LATER) == Unknown(ListType(STRING), not_null=True)

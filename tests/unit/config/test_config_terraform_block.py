"""`terraform` blocks: read, and never in the way of a lab that would work."""

from __future__ import annotations

import pytest
from configurations import errors_of, load, load_with_warnings


def block(inside: str) -> str:
    return f"terraform {{\n{inside}\n}}\n"


@pytest.mark.parametrize(
    "inside",
    [
        "",
        'required_version = ">= 0.13"',
        'required_version = "~> 1.11"',
        'backend "local" {\n path = "x"\n}',
        'provider_meta "x" {\n a = 1\n}',
        "experiments = [module_variable_optional_attrs]",
        'required_providers {\n libvirt = {\n source = "dmacvicar/libvirt"\n version = "~> 0.8"\n}\n}',
    ],
)
def test_what_is_as_good_as_done(inside: str) -> None:
    load(block(inside))


@pytest.mark.parametrize(
    ("inside", "summary", "detail"),
    [
        ('required_version = "< 1.0"', "Made for another version of Terraform", "Terraform < 1.0"),
        ('required_version = "~> 0.12.20"', "Made for another version of Terraform", "as Terraform 1.11.4 does"),
        ('required_version = "banana"', "Invalid version constraint", "passed over"),
        ("experiments = [nope]", "Experiments are not supported", "no effect"),
        ('backend "s3" {\n bucket = "b"\n}', "Backend not supported", '"s3"'),
        ('cloud {\n organization = "o"\n}', "Backend not supported", "local file"),
    ],
)
def test_what_is_warned_of_once(inside: str, summary: str, detail: str) -> None:
    call = 'module "m" {\n source = "./m"\n}\n'
    _, found = load_with_warnings({"main.tf": block(inside) + call, "m/main.tf": block(inside)})
    assert [warning.summary for warning in found] == [summary]
    assert detail in found[0].detail
    assert str(found[0].subject).startswith("main.tf:2")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (block("foo = 1"), "main.tf:2,1 foo: Unsupported argument"),
        (block("foo {\n}"), "main.tf:2,1 foo: Unsupported block type"),
        (block('backend "local" {\n}') * 2, 'main.tf:6,1 backend "local": Duplicate backend configuration'),
        (
            block('backend "local" {\n}\ncloud {\n}'),
            "main.tf:4,1 cloud: Both a backend and cloud configuration are present",
        ),
    ],
)
def test_what_is_wrong(text: str, told: str) -> None:
    assert [found.replace(" {", "") for found in errors_of(text)] == [told]

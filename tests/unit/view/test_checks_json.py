"""How conditions turned out, in JSON. The expectations are what Terraform 1.11 writes."""

import pytest

from kvmform.view.checks_json import checks_form


def test_each_kind_has_its_address() -> None:
    recorded = [
        {"object_kind": "var", "config_addr": "var.v", "status": "pass", "objects": None},
        {
            "object_kind": "resource",
            "config_addr": "module.m.data.http.h",
            "status": "unknown",
            "objects": [{"object_addr": 'module.m["a.b"].data.http.h[1]', "status": "unknown"}],
        },
        {
            "object_kind": "output",
            "config_addr": "module.m.module.n.output.o",
            "status": "fail",
            "objects": [
                {
                    "object_addr": 'module.m["x.y"].module.n.output.o',
                    "status": "fail",
                    "failure_messages": ["It is not so."],
                }
            ],
        },
    ]
    assert checks_form(recorded) == [
        {
            "address": {
                "kind": "resource",
                "mode": "data",
                "type": "http",
                "name": "h",
                "module": "module.m",
                "to_display": "module.m.data.http.h",
            },
            "status": "unknown",
            "instances": [
                {
                    "address": {
                        "instance_key": 1,
                        "module": 'module.m["a.b"]',
                        "to_display": 'module.m["a.b"].data.http.h[1]',
                    },
                    "status": "unknown",
                }
            ],
        },
        {
            "address": {
                "kind": "output_value",
                "name": "o",
                "module": "module.m.module.n",
                "to_display": "module.m.module.n.output.o",
            },
            "status": "fail",
            "instances": [
                {
                    "address": {
                        "module": 'module.m["x.y"].module.n',
                        "to_display": 'module.m["x.y"].module.n.output.o',
                    },
                    "status": "fail",
                    "problems": [{"message": "It is not so."}],
                }
            ],
        },
        {"address": {"kind": "var", "name": "v", "to_display": "var.v"}, "status": "pass"},
    ]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        {"a": 1},
        [1],
        [{"object_kind": "check", "objects": None}],
        [{"object_kind": "resource", "config_addr": "nonsense", "status": "pass", "objects": None}],
        [{"object_kind": "resource", "config_addr": "module.m", "status": "pass", "objects": None}],
        [{"object_kind": "check", "config_addr": "check.c", "status": "pass", "objects": [1]}],
    ],
)
def test_what_makes_no_sense_in_a_state_is_left_out(odd: object) -> None:
    assert checks_form(odd) == []

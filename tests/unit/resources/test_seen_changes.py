"""The law of changes: there is no row of libvirt's types whose change is not seen on a real host, or explained."""

from seen_changes import changeable, paths, seen_changes, unseen_changes

from kvmform.resources import REGISTRY

TABLES = {name: kind.schema.rows for name, kind in REGISTRY.items() if name.startswith("libvirt_")}
THERE = {path for name, rows in TABLES.items() for path, _ in paths(rows, (name,))}
ROWS = {path for name, rows in TABLES.items() for path, _ in changeable(rows, (name,))}


def test_every_change_is_seen_on_a_real_host_or_told_why_not():
    assert ROWS - seen_changes().keys() - unseen_changes().keys() == set()


def test_marks_and_explanations_are_of_rows_that_there_are():
    assert seen_changes().keys() - THERE == set()
    assert unseen_changes().keys() - ROWS == set()


def test_what_is_seen_needs_no_explanation():
    assert seen_changes().keys() & unseen_changes().keys() == set()

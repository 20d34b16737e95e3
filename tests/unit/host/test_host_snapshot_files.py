"""What a snapshot consists of."""

from kvmform.host.records import SnapshotRecord
from kvmform.host.snapshot_files import captured_targets, disk_files, files_below, is_external, snapshot_files

XML = """
<domainsnapshot>
  <memory snapshot='{memory}' file='/images/memory'/>
  <disks>
    <disk name='vda' snapshot='{kind}'><source file='{after}'/></disk>
    <disk name='vdb' snapshot='no'/>
  </disks>
  <domain><devices>
    <disk><source file='{before}'/><target dev='vda'/></disk>
    <disk><source file='/images/b'/><target dev='vdb'/></disk>
  </devices></domain>
</domainsnapshot>
"""


def snapshot(before="/images/a", after="/images/a.first", kind="external", memory="no"):
    xml = XML.format(before=before, after=after, kind=kind, memory=memory)
    return SnapshotRecord("first", "uuid", None, True, xml)


def test_an_external_snapshot_has_files_and_maybe_memory():
    assert snapshot_files(snapshot()) == ["/images/a.first"]
    assert snapshot_files(snapshot(memory="external")) == ["/images/a.first", "/images/memory"]
    assert captured_targets(snapshot()) == {"vda"}


def test_an_internal_snapshot_has_none():
    inside = snapshot(kind="internal", memory="internal")
    assert (is_external(inside), disk_files(inside), captured_targets(inside)) == (False, [], {"vda"})


def test_the_files_below_are_found_through_all_snapshots():
    first = snapshot("/images/a", "/images/a.first")
    second = snapshot("/images/a.first", "/images/a.second")
    assert list(files_below([first, second], "/images/a.second")) == ["/images/a.first", "/images/a"]
    assert list(files_below([second], "/images/a.second")) == ["/images/a.first"]
    assert list(files_below([first, second], "/images/b")) == []
    loop = snapshot("/images/a.first", "/images/a")
    assert list(files_below([first, loop], "/images/a")) == ["/images/a.first", "/images/a"]

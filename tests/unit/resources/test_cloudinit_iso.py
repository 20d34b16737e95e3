"""The seed image: what cloud-init looks for, and the same bytes each time."""

import io
import subprocess
import time

import pytest
from pycdlib import PyCdlib

from kvmform.resources.cloudinit_disk.iso import read_image, seed_image

FILES = {"user-data": "#cloud-config\n# Größe\n", "meta-data": "", "network-config": "x" * 5000}


@pytest.fixture
def iso():
    image = PyCdlib()
    image.open_fp(io.BytesIO(seed_image(FILES)))
    yield image
    image.close()


def test_the_label_is_the_one_that_cloud_init_looks_for(iso):
    assert iso.pvd.volume_identifier.rstrip() == b"cidata"


@pytest.mark.parametrize("names", ["rr_path", "joliet_path"])
@pytest.mark.parametrize("name", FILES)
def test_every_file_is_found_by_both_kinds_of_names(iso, names, name):
    content = io.BytesIO()
    iso.get_file_from_iso_fp(content, **{names: f"/{name}"})
    assert content.getvalue().decode() == FILES[name]


def test_the_same_files_make_the_same_bytes(monkeypatch):
    first = seed_image(FILES)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 400_000_000)
    assert seed_image(FILES) == first


def test_other_files_make_other_bytes():
    assert seed_image(FILES) != seed_image(FILES | {"meta-data": "x"})


def test_every_time_is_the_same(iso):
    for path in ("/", "/user-data"):
        date = iso.get_record(rr_path=path).date
        assert (date.years_since_1900, date.month, date.day_of_month) == (80, 1, 1)


def test_other_tools_know_the_image(tmp_path):
    path = tmp_path / "seed.iso"
    path.write_bytes(seed_image(FILES))
    try:
        answer = subprocess.run(["blkid", "-o", "export", path], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("blkid is not installed")
    assert "LABEL=cidata" in answer
    assert "TYPE=iso9660" in answer


def test_what_is_in_an_image_is_read_again():
    assert read_image(seed_image(FILES)) == FILES


def test_other_images_are_read_too():
    iso = PyCdlib()
    iso.new(rock_ridge="1.09", vol_ident="cidata")
    iso.add_fp(io.BytesIO(b"#cloud-config"), 13, "/USERDATA.;1", rr_name="user-data")
    iso.add_directory("/MORE", rr_name="more")
    target = io.BytesIO()
    iso.write_fp(target)
    assert read_image(target.getvalue()) == {"user-data": "#cloud-config"}
    assert read_image(b"\0" * 65536) == {}
    assert read_image(b"") == {}

"""Mistakes of a user's: each is told with its place, its cause and a way out, and changes nothing.

Every case is a file that is added to a lab which is up. What the diagnostic marks with carets
stands in the table, so that a caret under the wrong word is seen.
"""

import re
import shutil

import pytest
from lab import environment_for, unboxed
from quick_lab import QuickLab

from kvmform.cli.app import main

LAB = """
provider "libvirt" {}

resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"

  target {
    path = "/images"
  }
}

resource "libvirt_volume" "disk" {
  name = "disk"
  pool = libvirt_pool.lab.name
  size = 1048576
}
"""
THEIRS = """
provider "libvirt" {}

resource "libvirt_domain" "theirs" {
  name = "theirs"
}

resource "libvirt_network" "theirs" {
  name = "theirs"
  mode = "none"
}

resource "libvirt_pool" "theirs" {
  name = "theirs"
  type = "dir"
  path = "/theirs"
}

resource "libvirt_volume" "theirs" {
  name = "theirs"
  pool = libvirt_pool.theirs.name
  size = 1048576
}
"""
RAW = """resource "libvirt_volume" "raw" {
  name   = "raw"
  pool   = libvirt_pool.lab.name
  size   = 1048576
  format = "raw"
}

resource "libvirt_domain" "web" {
  name = "web"

  disk {
    volume_id = libvirt_volume.raw.id
  }
}

resource "libvirt_snapshot" "first" {
  name      = "first"
  domain_id = libvirt_domain.web.id
}
"""
CYCLE = """resource "libvirt_network" "a" {
  name = libvirt_network.b.name
}

resource "libvirt_network" "b" {
  name = libvirt_network.a.name
}
"""
NETWORK = 'resource "libvirt_network" "net" {\n  name = "net"\n  %s\n}\n'
VOLUME = 'resource "libvirt_volume" "more" {\n  name = "more"\n  pool = libvirt_pool.lab.name\n  %s\n}\n'

MISTAKES = {
    "string-without-end": (
        'resource "libvirt_pool" "p" {\n  name = "p\n}\n',
        ("Invalid multi-line string", 2, "", "This quoted string has no closing quote on its line. Close it"),
    ),
    "block-without-end": (
        'resource "libvirt_pool" "p" {\n  name = "p"\n',
        ("Unclosed configuration block", 1, "{", 'Add "}"'),
    ),
    "argument-without-value": (
        'resource "libvirt_pool" "p" {\n  name =\n}\n',
        ("Invalid expression", 2, "", "A value is expected here"),
    ),
    "unknown-argument": (
        'resource "libvirt_domain" "web" {\n  name   = "web"\n  memroy = 512\n}\n',
        ("Unsupported argument", 3, "memroy", 'Did you mean "memory"?'),
    ),
    "unknown-block": (
        'resource "libvirt_domain" "web" {\n  name = "web"\n  disks {\n  }\n}\n',
        ("Unsupported block type", 3, "disks", 'Did you mean "disk"?'),
    ),
    "unknown-type": (
        'resource "libvirt_domian" "web" {\n  name = "web"\n}\n',
        ("Invalid resource type", 1, '"libvirt_domian"', 'Did you mean "libvirt_domain"?'),
    ),
    "unknown-function": (
        'output "x" {\n  value = uper("a")\n}\n',
        ("Call to unknown function", 2, "uper", 'Did you mean "upper"?'),
    ),
    "missing-argument": (
        'resource "libvirt_domain" "web" {\n  memory = 512\n}\n',
        ("Missing required argument", 1, "{", 'The argument "name" is required'),
    ),
    "no-number": (
        'resource "libvirt_domain" "web" {\n  name   = "web"\n  memory = "lots"\n}\n',
        ("Incorrect attribute value type", 3, '"lots"', "a number is required"),
    ),
    "no-string": (
        'resource "libvirt_domain" "web" {\n  name = ["web"]\n}\n',
        ("Incorrect attribute value type", 2, '["web"]', "string required, but have tuple"),
    ),
    "missing-variable": (
        'variable "size" {\n  type = number\n}\n',
        ("No value for required variable", 1, 'variable "size"', "Give it with -var 'size=…'"),
    ),
    "undeclared-variable": (
        'variable "name" {\n  default = "x"\n}\noutput "x" {\n  value = var.nmae\n}\n',
        ("Reference to undeclared input variable", 5, "var.nmae", 'Did you mean "name"?'),
    ),
    "undeclared-resource": (
        'output "x" {\n  value = libvirt_pool.lba.name\n}\n',
        ("Reference to undeclared resource", 2, "libvirt_pool.lba", 'Did you mean "libvirt_pool.lab"?'),
    ),
    "undeclared-attribute": (
        'output "x" {\n  value = libvirt_pool.lab.nmae\n}\n',
        ("Unsupported attribute", 2, ".nmae", 'Did you mean "name"?'),
    ),
    "cycle-of-resources": (
        CYCLE,
        ("Cycle", 1, 'resource "libvirt_network" "a"', "libvirt_network.a → libvirt_network.b → libvirt_network.a"),
    ),
    "cycle-of-locals": (
        "locals {\n  a = local.b\n  b = local.a\n}\n",
        ("Cycle", 2, "a", "Break the circle: remove one of the references"),
    ),
    "duplicate-resource": (
        'resource "libvirt_pool" "lab" {\n  name = "lab"\n  type = "dir"\n}\n',
        ('Duplicate resource "libvirt_pool" configuration', 1, 'resource "libvirt_pool" "lab"', "rename one of them"),
    ),
    "duplicate-argument": (
        NETWORK % 'name = "other"',
        ("Attribute redefined", 3, "name", "is set already on line 2"),
    ),
    "name-used-twice": (
        VOLUME.replace('"more"\n', '"disk"\n') % "size = 1",
        ("Name used twice", 2, '"disk"', 'goes into the pool "lab" too'),
    ),
    "missing-image": (
        VOLUME % 'source = "missing.qcow2"',
        ("Image not found", 4, '"missing.qcow2"', "A relative path starts at the directory of the configuration."),
    ),
    "image-is-a-directory": (
        VOLUME % "source = path.module",
        ("Image can't be read", 4, "path.module", "Is a directory"),
    ),
    "missing-pool": (
        VOLUME.replace("libvirt_pool.lab.name", '"nowhere"') % "size = 1",
        ("Storage pool not found", 3, '"nowhere"', "Declare a libvirt_pool of this name"),
    ),
    "missing-base": (
        VOLUME % 'base_volume_id = "/images/nothing"',
        ("Base volume not found", 4, '"/images/nothing"', "so that it is made first"),
    ),
    "snapshot-of-a-raw-disk": (
        RAW,
        ("Snapshot of a raw disk", 18, "libvirt_domain.web.id", 'Give its volume format = "qcow2"'),
    ),
    "relative-path-of-a-pool": (
        'resource "libvirt_pool" "p" {\n  name = "p"\n  type = "dir"\n  path = "images"\n}\n',
        ("Relative path", 4, '"images"', "Write an absolute path."),
    ),
    "no-network-address": (
        NETWORK % 'addresses = ["10.1.2.0"]',
        ("Unsuitable network address", 3, '["10.1.2.0"]', "no room for the host and its guests"),
    ),
}


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """A lab that is up on a simulated host."""
    lab = QuickLab.of_text(LAB, tmp_path_factory.mktemp("lab"), environment_for("test+file:host.xml"))
    lab.apply()
    return lab


@pytest.fixture
def lab(applied, tmp_path):
    """A copy of it."""
    shutil.copytree(applied.directory, tmp_path, dirs_exist_ok=True)
    return QuickLab(tmp_path, applied.environment)


def kept(lab):
    """What the lab's directory holds of state and host."""
    files = [path for path in lab.directory.iterdir() if path.name.startswith(("terraform.tfstate", "host.xml"))]
    return {path.name: path.read_bytes() for path in files}


def marked(text):
    """What carets are under, in the first diagnostic of a text."""
    lines = text.splitlines()
    number = next(index for index, line in enumerate(lines) if re.fullmatch(r"│ +\^+", line))
    caret = lines[number]
    return lines[number - 1][caret.index("^") : caret.rindex("^") + 1]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place_cause_and_way_out_and_changes_nothing(lab, mistake):
    text, (summary, line, under, says) = MISTAKES[mistake]
    lab.add(text, "mistake.tf")
    before = kept(lab)
    error = lab.kvmform("apply", "-auto-approve", code=1).stderr
    told = unboxed(error)
    assert told.startswith(f"Error: {summary}")
    assert f"on mistake.tf line {line}" in told
    assert says in told
    assert marked(error) == under
    assert kept(lab) == before


@pytest.mark.parametrize(
    ("text", "summary", "line"),
    [
        ('resource "libvirt_domain" "mine" {\n  name = "theirs"\n}\n', "Domain already exists", 2),
        ('resource "libvirt_network" "mine" {\n  name = "theirs"\n  mode = "none"\n}\n', "Network already exists", 2),
        (
            'resource "libvirt_pool" "mine" {\n  name = "theirs"\n  type = "dir"\n  path = "/mine"\n}\n',
            "Storage pool already exists",
            2,
        ),
        (
            'resource "libvirt_pool" "mine" {\n  name = "mine"\n  type = "dir"\n  path = "/theirs/"\n}\n',
            "Path used by another storage pool",
            4,
        ),
        (
            'resource "libvirt_volume" "mine" {\n  name = "theirs"\n  pool = "theirs"\n  size = 1\n}\n',
            "Volume already exists",
            2,
        ),
        (
            'resource "libvirt_cloudinit_disk" "mine" {\n  name = "theirs"\n  pool = "theirs"\n}\n',
            "Volume already exists",
            2,
        ),
    ],
)
def test_what_somebody_else_made_is_never_touched(lab, tmp_path, text, summary, line):
    """The message names both ways out where there are two."""
    theirs = QuickLab.of_text(THEIRS, tmp_path / "theirs", environment_for(f"test+file://{lab.directory}/host.xml"))
    theirs.apply()
    lab.add(text, "mistake.tf")
    before = kept(lab)
    told = lab.fails("apply", "-auto-approve")
    assert told.startswith(f"Error: {summary}")
    assert f"on mistake.tf line {line}" in told
    assert re.search(r"Choose another (name|path)", told)
    assert kept(lab) == before
    assert theirs.plan_is_empty()


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("qemu+unix:///system?socket=/nowhere/libvirt-sock", "libvirt's daemon does not run there"),
        ("qemu+tcp://127.0.0.1:1/system", "Check that the host is up"),
        ("nonsense:///x", '"nonsense" is no hypervisor driver of libvirt.'),
        ("test+file:/nowhere/host.xml", "Its directory must exist."),
        ("test+file:main.tf", "is not XML"),
        ("test+file:", "does not name a file"),
    ],
)
@pytest.mark.parametrize("given", ["argument", "environment"])
def test_a_host_that_cannot_be_reached(lab, uri, says, given):
    if given == "argument":
        lab.edit('provider "libvirt" {}', f'provider "libvirt" {{\n  uri = "{uri}"\n}}')
    else:
        lab.environment["LIBVIRT_DEFAULT_URI"] = uri
    before = kept(lab)
    error = lab.kvmform("apply", "-auto-approve", code=1).stderr
    assert says in unboxed(error)
    assert "on main.tf line 2" in unboxed(error)
    assert marked(error).startswith('provider "libvirt"')
    assert kept(lab) == before


def test_all_mistakes_are_told_at_once(lab):
    lab.add('output "x" {\n  value = var.one\n}\noutput "y" {\n  value = local.two\n}\n', "mistake.tf")
    told = lab.fails("plan")
    assert told.count("Error: ") == 2
    assert "mistake.tf line 2" in told
    assert "mistake.tf line 5" in told


@pytest.mark.parametrize("content", ["[]", "{", '{"version": 3}'])
def test_a_file_that_is_no_state_is_left_as_it_is(lab, content):
    state = lab.directory / "terraform.tfstate"
    state.write_text(content)
    told = lab.fails("apply", "-auto-approve")
    assert told.startswith("Error: ")
    assert str(state) in told
    assert state.read_text() == content


@pytest.mark.parametrize("asked", [False, True])
def test_a_bug_shows_its_traceback_only_on_demand(lab, monkeypatch, capsys, asked):
    def broken(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr("kvmform.workspace.workspace.Workspace.plan", broken)
    monkeypatch.chdir(lab.directory)
    if asked:
        monkeypatch.setenv("KVMFORM_LOG", "debug")
    with pytest.raises(SystemExit) as ended:
        main(["plan"])
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert "RuntimeError: out of order This is a bug in kvmform." in unboxed(error).replace("\n\n", " ")
    assert ("Traceback" in error) is asked

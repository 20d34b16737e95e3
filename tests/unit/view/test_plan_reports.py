"""Reports of plans: a comment, a JUnit document, and GitLab's numbers."""

from __future__ import annotations

import json
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lab import unboxed
from markdown_it import MarkdownIt
from quick_lab import QuickLab

from kvmform.address import parse_instance
from kvmform.config.module import Module
from kvmform.plan.change import Action, Change, Gate, Mode, Plan
from kvmform.schema import Disruption
from kvmform.struct import replace
from kvmform.view.markdown import prose, stretch
from kvmform.view.plan_json import changes_document
from kvmform.view.plan_junit import plan_junit
from kvmform.view.plan_markdown import LIMIT, plan_markdown
from kvmform.view.plan_report import PlanReport, plan_report

EVIL = [
    "a|b",
    "`c`",
    "</details><script>x</script>",
    "*d* _e_ [f](g) ![h](i)",
    "@octocat",
    "```\n# i",
    "\u202ej\x1b[31m",
]
LAB = """
variable "evil" { type = list(string) }
variable "trigger" { default = 1 }
variable "few" { default = 100 }
resource "terraform_data" "many" {
  for_each = toset(slice(var.evil, 0, min(var.few, length(var.evil))))
  input    = join("\\n", [each.key, "```", var.trigger])
}
resource "terraform_data" "replaced" {
  triggers_replace = var.trigger
}
resource "local_file" "secret" {
  filename = "secret"
  content  = sensitive("hush ${var.trigger}")
}
resource "local_file" "note" {
  filename = "note"
  content  = "written"
}
output "trigger" { value = var.trigger }
"""


class Page(HTMLParser):
    """What a reader of the comment sees: its tables, the text within each kind of tag, which tags there are."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.text: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(MarkdownIt("commonmark").enable("table").render(markdown))

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        self.text.setdefault(tag, []).append("")
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.text[tag][-1] += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> QuickLab:
    """A lab with names that would break a comment, and a refused plan of it in `saved`."""
    lab = QuickLab.of_text(LAB, tmp_path_factory.mktemp("reports") / "lab", {"PATH": "/usr/bin:/bin"})
    lab.give(evil=EVIL)
    lab.apply()
    (lab.directory / "note").unlink()
    lab.kvmform("plan", "-out=saved", "-deny=delete", "-max-delete=10%", "-var=few=2", "-var=trigger=2", code=1)
    return lab


def shown(lab: QuickLab, form: str) -> str:
    return lab.kvmform("show", f"-format={form}", "saved").stdout


def plan_of(*changes: Change, gates: tuple[Gate, ...] = ()) -> PlanReport:
    plan = Plan(
        mode=Mode.NORMAL,
        lineage="L",
        serial=1,
        journal=0,
        timestamp="2026-01-01T00:00:00Z",
        variables={},
        changes=changes,
        steps=(),
        managed=len(changes),
        gates=gates,
    )
    return plan_report(plan, Module(Path("/lab"), ()))


def deletion(number: int, disruption: Disruption = Disruption.REPLACE, text: str = "x" * 50) -> Change:
    return Change(
        address=parse_instance(f"terraform_data.many[{number}]"),
        provider='provider["terraform.io/builtin/terraform"]',
        action=Action.DELETE,
        before={"id": str(number), "input": text, "output": text, "triggers_replace": None},
        after=None,
        disruption=disruption,
    )


# The comment.


def test_a_comment_has_the_sum_and_a_row_for_each_change(lab: QuickLab) -> None:
    page = Page(shown(lab, "markdown"))
    assert page.text["h3"] == ["Plan: 3 to add, 2 to change, 7 to destroy."]
    cells = {cells[1]: cells for cells in page.rows if len(cells) == 5}
    replaced = cells["terraform_data.replaced"]
    assert replaced == ["-/+", "terraform_data.replaced", "replace", "none", "triggers_replace"]
    refused = cells['terraform_data.many["@octocat"]']
    assert refused[0::2] == ["-", "delete", "refused by -deny=delete; its key is not in the for_each map"]
    assert cells['terraform_data.many["a|b"]'][2:] == ["update", "none", "input, output"]
    assert ["local_file.note", "is gone"] in page.rows
    assert [text for text in page.text["li"] if "-max-delete=10%" in text] == [
        "This plan deletes or replaces 7 of the 10 objects in the state (70%). -max-delete=10% does not allow that."
    ]


def test_what_is_refused_comes_first_and_then_what_disrupts_most(lab: QuickLab) -> None:
    rows = [cells for cells in Page(shown(lab, "markdown")).rows if len(cells) == 5][1:]
    assert [cells[4].startswith("refused by") for cells in rows] == [True] * 5 + [False] * 5
    report = plan_of(deletion(1, Disruption.LIVE), deletion(2, Disruption.DATA_LOSS), deletion(3, Disruption.REBOOT))
    named = [cells[1] for cells in Page(plan_markdown(report)).rows[1:]]
    assert named == ["terraform_data.many[2]", "terraform_data.many[3]", "terraform_data.many[1]"]


def test_nothing_in_a_name_or_value_is_taken_for_markup(lab: QuickLab) -> None:
    markdown = shown(lab, "markdown")
    page = Page(markdown)
    assert {len(cells) for cells in page.rows} == {2, 5}
    assert set(page.tags) <= {"h3", "p", "strong", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td"} | {
        "details",
        "summary",
        "pre",
    }
    assert page.tags.count("details") == page.tags.count("pre") == 1
    assert MarkdownIt("commonmark").render(markdown).rstrip().endswith("</details>")
    assert "\x1b" not in markdown
    assert "\u202e" not in markdown
    assert "@octocat" not in markdown.partition("<details>")[0]


def test_sensitive_values_are_hidden_unless_asked_for(lab: QuickLab) -> None:
    for form in ("markdown", "junit"):
        assert "hush" not in shown(lab, form)
        assert "hush 1" in lab.kvmform("show", f"-format={form}", "-show-sensitive", "saved").stdout


def test_what_means_itself_stays_readable() -> None:
    assert prose("module.lab_1.libvirt_domain.web: memory (more than max_memory), 20%") == (
        "module.lab_1.libvirt_domain.web: memory (more than max_memory), 20%"
    )


@pytest.mark.parametrize(
    "text", ["www.example.com", "http://example.com", "a@b.c", "- x", "_x_", "__x__", "<b>", "a\\"]
)
def test_text_that_would_become_something_else_is_shown_as_it_is(text: str) -> None:
    page = Page(prose(text))
    assert page.text["p"] == [text]
    assert page.tags == ["p"]
    assert text not in prose(text)


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert stretch("a\n````\nb", "diff") == "`````diff\na\n````\nb\n`````"


def test_a_long_plan_is_cut_at_the_limit_from_the_mild_end_and_says_how_much_is_left_out() -> None:
    changes = [deletion(n, Disruption.DATA_LOSS if n == 2999 else Disruption.REPLACE) for n in range(3000)]
    markdown = plan_markdown(plan_of(*changes, gates=(Gate("max-delete", "5", "-max-delete=5"),)))
    assert LIMIT * 0.8 < len(markdown.encode()) <= LIMIT
    page = Page(markdown)
    assert page.rows[1][1] == "terraform_data.many[2999]"
    assert f"{3000 - (len(page.rows) - 1)} of 3000 changes are not in the table" in markdown
    assert "terraform_data.many[2999] will be destroyed" in page.text["pre"][0]
    details = page.text["pre"][0].count("will be destroyed")
    assert f"the details of {3000 - details} of 3000 changes are left out" in markdown
    assert f"Details of {details} changes" in markdown


def test_one_change_that_is_too_long_is_cut_itself() -> None:
    report = plan_of(deletion(1, text="é" * 10_000), deletion(2, text="\n".join(f"line {n}" for n in range(5000))))
    markdown = plan_markdown(report)
    assert len(markdown.encode()) <= LIMIT
    assert "(9" in markdown
    assert "more characters)" in markdown
    assert "more lines of this change are left out" in markdown
    assert "terraform_data.many[2] will be destroyed" in markdown


def test_the_longest_names_fit_too() -> None:
    address = parse_instance(f'terraform_data.many["{"|" * 5000}"]')
    changes = [replace(deletion(n), address=address) for n in range(200)]
    assert len(plan_markdown(plan_of(*changes, gates=(Gate("deny", "delete", "-deny=delete"),))).encode()) <= LIMIT


def test_an_empty_plan_says_so_in_every_form(lab: QuickLab) -> None:
    lab.kvmform("apply", "-auto-approve")
    lab.kvmform("plan", "-out=empty", "-deny=delete")
    assert Page(lab.kvmform("show", "-format=markdown", "empty").stdout).text["h3"] == [
        "No changes. Your infrastructure matches the configuration."
    ]
    assert ET.fromstring(lab.kvmform("show", "-format=junit", "empty").stdout).attrib["failures"] == "0"
    assert json.loads(lab.kvmform("show", "-format=gitlab", "empty").stdout) == {"create": 0, "update": 0, "delete": 0}


# JUnit.


def test_each_change_is_a_test_case_and_fails_where_it_is_refused(lab: QuickLab) -> None:
    document = ET.fromstring(shown(lab, "junit"))
    suites = {suite.attrib["name"]: suite for suite in document}
    assert list(suites) == ["kvmform plan: gates", "kvmform plan: changes", "kvmform plan: drift"]
    for suite in suites.values():
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    cases = {case.attrib["name"]: case for suite in suites.values() for case in suite}
    refused = cases['terraform_data.many["@octocat"] (delete)'].find("failure")
    assert refused is not None
    assert refused.attrib["type"] == "refused"
    assert "-deny=delete does not allow that." in refused.attrib["message"]
    assert "will be destroyed" in (refused.text or "")
    replaced = cases["terraform_data.replaced (replace)"]
    assert (replaced.attrib["classname"], replaced.attrib["file"], replaced.attrib["line"]) == (
        "terraform_data",
        "main.tf",
        "9",
    )
    assert "must be replaced" in (replaced.findtext("system-out") or "")
    assert replaced.find("failure") is None
    assert cases["-max-delete=10%"].find("failure") is not None


def test_drift_fails(lab: QuickLab) -> None:
    document = ET.fromstring(shown(lab, "junit"))
    (case,) = document[2]
    failure = case.find("failure")
    assert failure is not None
    assert (case.attrib["name"], failure.attrib["message"]) == ("local_file.note", "local_file.note is gone")


def test_a_plan_without_gates_has_a_test_case_all_the_same() -> None:
    document = ET.fromstring(plan_junit(plan_of()))
    assert [case.attrib["name"] for case in document.iter("testcase")] == ["no gates"]


# GitLab.


def test_gitlab_counts_what_its_own_expression_counts(lab: QuickLab) -> None:
    numbers = json.loads(shown(lab, "gitlab"))
    assert numbers == {"create": 3, "update": 2, "delete": 7}
    expression = (
        '([.resource_changes[]?.change.actions?]|flatten)|{"create":(map(select(.=="create"))|length),'
        '"update":(map(select(.=="update"))|length),"delete":(map(select(.=="delete"))|length)}'
    )
    ran = subprocess.run(["jq", expression], input=shown(lab, "json"), capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == numbers


# The command.


def test_json_is_one_of_the_forms(lab: QuickLab) -> None:
    assert (
        shown(lab, "json")
        == lab.kvmform("show", "-json", "saved").stdout
        == lab.kvmform("show", "-json", "-format=json", "saved").stdout
    )
    assert shown(lab, "text") == lab.kvmform("show", "saved").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-format=markdwon", "saved"], 'Did you mean "markdown"?'),
        (["-format=junit", "-json", "saved"], "Incompatible flags"),
        (["-format=markdown"], "Only plans are reported"),
        (["-format=junit", "terraform.tfstate"], "Only plans are reported"),
    ],
)
def test_what_cannot_be_shown_is_told(lab: QuickLab, words: list[str], said: str) -> None:
    assert said in unboxed(lab.kvmform("show", *words, code=1).stderr)


def test_the_json_form_of_a_change_is_what_reports_are_made_from() -> None:
    report = plan_of(deletion(1))
    assert changes_document(report.plan)["resource_changes"] == [report.changes[0].form]

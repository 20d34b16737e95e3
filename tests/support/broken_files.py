"""Configuration files with mistakes in them, at random; and what a command that reads such a file has to do with it."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.view.diagnostics_json import validation_document
from kvmform.view.diagnostics_text import diagnostic_text
from kvmform.view.style import Style
from kvmform.workspace import Workspace
from kvmform.workspace.surroundings import Surroundings

__all__ = ["HARD", "HangError", "limited", "mutated", "seeds", "validated"]

EXAMPLES = Path(__file__).parents[2] / "examples"

_PIECES = (
    *('"', "${", "}", "{", "(", ")", "[", "]", "\n", "<<EOT\n", "<<-EOT\n", "EOT\n", "%{ if x }", "%{ endif }"),
    *("%{ for x in y }", "%{ else ~}", "=", "==", "=>", ",", ":", "?", "...", ".", ".*", "[*]", "[0]", "::", "#", "/*"),
    *("*/", "1.", "1e", "1e999999999", "0x1", "-", "!", "&", "|", "~", "`", "'", ";", "\\", "\\u12", "$${", "\0"),
    *("é", "\u0301", "\ufeff", "\r", "\t", "a", "b.c", "f(", "null", "true", "for x in y : x", "if ", "in ", "“", "@"),
    *('a "b" {\n  c = 1\n}\n', "x = 1\n", "count = 1000000000\n", "for_each = self\n", "each.value", "count.index"),
    *("range(1000000000)", 'regex("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa")', "1e9999 ", "pow(10, 400)", "1/0"),
    *("path.module", "local.x", "var.y", "module.m", "terraform_data.a", 'file("/dev/zero")', 'jsondecode("[")'),
)

HARD = {
    "brackets": "a = " + "[" * 20_000,
    "closed brackets": "a = " + "[" * 5_000 + "]" * 5_000,
    "blocks": "a {\n" * 20_000,
    "parentheses": "locals {\n a = " + "(" * 3_000 + "1" + ")" * 3_000 + "\n}",
    "signs": "locals {\n a = " + "-" * 50_000 + "1\n}",
    "operators": "locals {\n a = " + "1 + " * 20_000 + "1\n}",
    "conditionals": "locals {\n a = " + "true ? 1 : " * 5_000 + "1\n}",
    "interpolations": "locals {\n a = " + '"${' * 3_000 + "1" + '}"' * 3_000 + "\n}",
    "attributes": "locals {\n a = b" + ".c" * 20_000 + "\n}",
    "splats": "locals {\n a = b" + "[*]" * 5_000 + "\n}",
    "for": "locals {\n a = " + "[for x in [1, 2, 3] : " * 60 + "1" + "]" * 60 + "\n}",
    "for explosion": "locals {\n a = "
    + "[for x in range(1000) : " * 8
    + "1"
    + "]" * 8
    + '\n}\noutput "o" { value = local.a }',
    "long line": 'locals {\n a = "' + "x" * 5_000_000 + '"\n}',
    "long number": "locals {\n a = " + "9" * 200_000 + "\n}",
    "large exponent": 'output "o" { value = [1e999999, 1e-999999, 1e999999999999, 0.1e999999] }',
    "quotes": 'a = "\n' * 20_000,
    "heredocs": "a = <<EOT\n" * 20_000,
    "comments": "/*" * 50_000,
    "escapes": 'a = "' + "\\" * 99_999 + '"',
    "directives": 'locals {\n a = "' + "%{ if true }" * 3_000 + "%{ endif }" * 3_000 + '"\n}',
    "calls": "locals {\n a = " + "upper(" * 3_000 + '"x"' + ")" * 3_000 + "\n}",
    "locals": "locals {\n" + "".join(f" a{n} = local.a{n + 1}\n" for n in range(5_000)) + " a5000 = 1\n}",
    "locals growing": 'locals {\n a0 = "xxxxxxxxxx"\n'
    + "".join(f' a{n + 1} = "${{local.a{n}}}${{local.a{n}}}"\n' for n in range(40))
    + '}\noutput "o" { value = length(local.a40) }',
    "types": 'variable "a" {\n type = ' + "list(" * 3_000 + "string" + ")" * 3_000 + "\n}",
    "regex": 'output "o" { value = regexall("(a*)*(a*)*b", "' + "a" * 5_000 + '") }',
    "repeat": 'output "o" { value = regex("((a{1,1000}){1,1000}){1,1000}", "a") }',
    "format": 'output "o" { value = format("%1000000000d", 1) }',
    "glob": 'output "o" { value = fileset(".", "' + "*a" * 40 + '") }',
    "product": 'output "o" { value = length(setproduct(range(1000), range(1000), range(1000))) }',
    "subnets": 'output "o" { value = cidrsubnets("fd00::/8", range(100)...) }',
    "yaml": 'output "o" { value = yamldecode("a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c '
    "[*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\n"
    'f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]") }',
    "count": 'resource "terraform_data" "a" { count = 1000000000 }',
    "device": 'output "o" { value = file("/dev/zero") }',
}
"""Files that are hard on whoever reads them: deep, long, or asking for too much."""


def seeds() -> list[str]:
    """Files that are right, to make mistakes in."""
    return [path.read_text() for path in sorted(EXAMPLES.rglob("*.tf"))]


def mutated(random: Random, text: str) -> str:
    """The text with a few mistakes in it."""
    for _ in range(random.randrange(1, 4)):
        first = random.randrange(len(text) + 1)
        last = min(len(text), first + (1, 1, 2, 5, 20, 200)[random.randrange(6)])
        piece = _PIECES[random.randrange(len(_PIECES))]
        match random.randrange(5):
            case 0:
                text = text[:first] + text[last:]
            case 1 | 2:
                text = text[:first] + piece + text[first:]
            case 3:
                text = text[:first] + piece + text[last:]
            case _:
                elsewhere = random.randrange(len(text) + 1)
                text = text[:first] + text[elsewhere : elsewhere + 40] + text[first:]
    return text


class HangError(Exception):
    """Reading a file took too long."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Allow what is inside so much time of the processor.

    Raises:
        HangError: it took longer.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def validated(directory: Path, text: str) -> list[Diagnostic]:
    """What `validate` says of a file, written in the forms that are shown; anything else that happens is raised."""
    (directory / "main.tf").write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    found: list[Diagnostic] = []
    with Workspace(Surroundings(directory=directory)) as workspace:
        try:
            workspace.validate()
        except DiagnosticError as problem:
            found.extend(problem.diagnostics)
    for form in validation_document(found[:50])["diagnostics"]:
        diagnostic_text(form, Style(color=False))
    return found


def memory() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

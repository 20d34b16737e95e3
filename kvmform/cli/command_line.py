"""A command line, read against the signature of the command that it names.

Flags are Terraform's, which are Go's: `-flag v`, `-flag=v`, `--flag v`, `--flag=v`; a switch is `-flag`,
`-flag=true` or `-flag=false`; behind `--` there are no more flags. Flags may stand behind arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from kvmform.cli.flags import Argument, Flag
from kvmform.diagnostics import DiagnosticError

__all__ = ["HELP", "Parameter", "from_environment", "parameters", "read", "suggestion", "wrong_usage"]

HELP = frozenset({"-h", "-help", "--help"})
_SWITCH = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


class Parameter:
    """One parameter of a command: its name, the type that it takes, and how it is written."""

    __slots__ = ("forms", "is_list", "kind", "name")

    def __init__(self, name: str, hint: Any) -> None:
        self.name = name
        self.forms: tuple[Flag | Argument, ...] = hint.__metadata__
        self.is_list = getattr(hint.__origin__, "__origin__", None) is Sequence
        self.kind = next(iter(getattr(hint.__origin__, "__args__", ())), hint.__origin__)

    @property
    def flags(self) -> Sequence[Flag]:
        """Its flags; none for an argument."""
        return [form for form in self.forms if isinstance(form, Flag)]


def parameters(command: Callable[..., Any]) -> list[Parameter]:
    """What a command takes, in the order of its signature."""
    hints = get_type_hints(command, include_extras=True)
    return [Parameter(name, hint) for name, hint in hints.items() if hasattr(hint, "__metadata__")]


def from_environment(command: str, environment: Mapping[str, str]) -> list[str]:
    """What, for `state list`, TF_CLI_ARGS_state_list and then TF_CLI_ARGS put behind the command.

    Raises:
        DiagnosticError: they are no words.
    """
    if not any(name.startswith("TF_CLI_ARGS") for name in environment):
        return []
    import shlex

    own = f"TF_CLI_ARGS_{command.replace('-', '_').replace(' ', '_')}"
    found: list[str] = []
    for name in (own, "TF_CLI_ARGS"):
        try:
            found += shlex.split(environment.get(name, ""))
        except ValueError as problem:
            raise wrong_usage(command, f"{name} can't be read as words of a shell: {problem}.") from problem
    return found


def read(command: Callable[..., Any], words: Sequence[str], name: str) -> dict[str, Any]:
    """Arguments to call `command` with; what is not given is left to its defaults.

    Raises:
        DiagnosticError: the words don't fit.
    """
    known = parameters(command)
    flags = {flag.name: (parameter, flag) for parameter in known for flag in parameter.flags}
    given: dict[str, Any] = {}
    loose: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            loose.extend(rest)
        elif word.startswith("-") and word != "-":
            flag, equals, value = f"-{word.lstrip('-')}".partition("=")
            if flag not in flags and flag == "-no-color":
                continue  # Terraform takes it of each command, also where there is no colour.
            if flag not in flags:
                raise wrong_usage(name, f"There is no flag {flag}.{suggestion(flag, flags)}")
            parameter, found = flags[flag]
            text = _value(name, flag, parameter, rest) if not equals else value
            converted = _converted(name, found, parameter.kind, text)
            if len(parameter.forms) > 1:
                given.setdefault(parameter.name, []).append((flag, converted))
            elif parameter.is_list:
                given.setdefault(parameter.name, []).append(converted)
            else:
                given[parameter.name] = converted
        else:
            loose.append(word)
    return given | _arguments(name, command, known, loose)


def wrong_usage(name: str, detail: str, *, summary: str = "Wrong usage") -> DiagnosticError:
    """What to raise when a command line can't be understood."""
    return DiagnosticError.of(summary, f"{detail} See kvmform {name + ' ' if name else ''}-help.")


def _value(name: str, flag: str, parameter: Parameter, rest: Iterator[str]) -> str:
    if parameter.kind is bool:
        return "true"
    value = next(rest, None)
    if value is None:
        raise wrong_usage(name, f"{flag} needs a value.")
    return value


def _converted(name: str, flag: Flag, kind: Any, text: str) -> Any:
    if kind is bool:
        if text.lower() not in _SWITCH:
            raise wrong_usage(name, f'{flag.name} is true or false, not "{text}".')
        return _SWITCH[text.lower()]
    if kind is int:
        if not text.lstrip("+-").isdecimal() or (flag.minimum is not None and int(text) < flag.minimum):
            least = "" if flag.minimum is None else f" from {flag.minimum}"
            raise wrong_usage(name, f'{flag.name} takes a whole number{least}; "{text}" is none.')
        return int(text)
    return text if len(getattr(kind, "__args__", ())) > 1 else kind(text)


def _arguments(name: str, command: Callable[..., Any], known: Sequence[Parameter], loose: list[str]) -> dict[str, Any]:
    """The words that are no flags, for the arguments of the command."""
    given: dict[str, Any] = {}
    arguments = [parameter for parameter in known if not parameter.flags]
    required = len(arguments) - len(getattr(command, "__defaults__", None) or ())
    for position, parameter in enumerate(arguments):
        if parameter.is_list:
            given[parameter.name] = [parameter.kind(word) for word in loose]
            loose = []
        elif loose:
            given[parameter.name] = parameter.kind(loose.pop(0))
        elif position < required:
            raise wrong_usage(name, f"{parameter.name.upper()} is missing.")
    if loose:
        detail = f'There is one word too many: "{loose[0]}".'
        if loose[0] and Path(loose[0]).is_dir():
            detail += f" To work in another directory, say kvmform -chdir={loose[0]} {name}."
        raise wrong_usage(name, detail, summary="Too many command line arguments")
    return given


def suggestion(word: str, known: Iterable[str]) -> str:
    """A sentence that proposes what is most like `word`, if anything is."""
    from kvmform.lang.suggestion import did_you_mean

    return did_you_mean(word, known)

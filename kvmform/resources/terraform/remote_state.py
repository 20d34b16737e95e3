"""The data source `terraform_remote_state`: the output values of another lab.

Source: https://developer.hashicorp.com/terraform/language/state/remote-state-data, and
internal/builtin/providers/terraform/data_source_state.go of Terraform 1.11. Two backends are
read: a file on this machine (`local`), and a web server (`http`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kvmform.config.settings import BACKENDS
from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.paths import located
from kvmform.resources.recorded import made
from kvmform.schema import DataSource, Object, Plain, Problem, Reading, Row, Schema
from kvmform.state.model import State
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, STRING, MapType, ObjectType, object_type, type_from_json, type_to_json

__all__ = ["DATA_SOURCE"]

_DEFAULT_WORKSPACE = "default"
_STATE = "terraform.tfstate"


def _local(reading: Reading[Any], config: Mapping[str, str], workspace: str) -> tuple[State | None, str]:
    """What is in a state file, and its name."""
    from kvmform.state.file import parse_state

    directory = config.get("workspace_dir") or f"{_STATE}.d"
    usual = config.get("path") or _STATE
    name = usual if workspace == _DEFAULT_WORKSPACE else str(Path(directory, workspace, _STATE))
    path = located(reading.base_directory, name)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None, name
    except OSError as problem:
        raise DiagnosticError.of("Unable to read remote state", f"{path}: {problem.strerror}.") from problem
    return parse_state(data, name) if data.strip() else None, name


def _http(_reading: Reading[Any], config: Mapping[str, str], workspace: str) -> tuple[State | None, str]:
    """What a web server has of a state, and the URL."""
    from kvmform.state.backends.http import HttpBackend
    from kvmform.state.backends.http_settings import HttpSettings

    if workspace != _DEFAULT_WORKSPACE:
        raise _invalid('The backend "http" has no workspaces.')
    backend = HttpBackend(HttpSettings.of(config, {}), Path())
    return backend.read(), backend.name


_BACKENDS: Mapping[str, Callable[[Reading[Any], Mapping[str, str], str], tuple[State | None, str]]] = {
    "local": _local,
    "http": _http,
}


def _check_backend(written: Object) -> Iterator[Problem]:
    backend, config = written["backend"], written["config"]
    if isinstance(backend, Unknown):
        return
    if backend not in _BACKENDS:
        detail = (
            f'kvmform doesn\'t read states in a backend "{backend}", only in "local" and "http". Copy the state to a '
            f'file ("terraform state pull > {_STATE}"), and read that with the backend "local".'
        )
        yield Problem(("backend",), error("Unsupported backend", detail))
        return
    value = config["value"] if isinstance(config, dict) else None
    for name in value if isinstance(value, dict) else ():
        if name not in BACKENDS[backend]:
            detail = f'The given configuration is not valid for backend "{backend}": unexpected attribute "{name}".'
            yield Problem(("config",), error("Invalid backend configuration", detail))


def _invalid(detail: str) -> DiagnosticError:
    return DiagnosticError.of("Invalid backend configuration", detail)


_SCHEMA = Schema(
    doc="The output values of another lab, from its state.",
    rules=(_check_backend,),
    rows={
        "backend": Row(type=STRING, doc="Where its state is: `local` or `http`.", required=True),
        "config": Row(
            type=DYNAMIC,
            doc="Where that is exactly: `{ path = … }` of a local file, which starts in the root module's directory; "
            "`{ address = … }` of a web server.",
        ),
        "workspace": Row(type=STRING, doc="The lab's workspace, `default` by default."),
        "defaults": Row(type=DYNAMIC, doc="Output values for those that the state doesn't have."),
        "outputs": made(DYNAMIC, "Its output values."),
    },
)


def _read(reading: Reading[Any], config: Object) -> Object:
    settings = _settings(config["config"])
    state, name = _BACKENDS[config["backend"]](reading, settings, config["workspace"] or _DEFAULT_WORKSPACE)
    if state is None:
        raise DiagnosticError.of(
            "Unable to find remote state",
            f"No stored state was found for the given workspace in the given backend: {name} is not there, or empty. "
            "Apply that lab first.",
        )
    values, types = _members(config["defaults"])
    for output, stored in state.outputs.items():
        values[output], types[output] = stored.value, stored.type
    return {**config, "outputs": {"value": values, "type": type_to_json(object_type(types))}}


def _settings(written: Plain) -> dict[str, str]:
    """What is in `config`, as texts; what is null is left out."""
    value = written["value"] if written else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid("config must be an object.")
    for name, each in value.items():
        if isinstance(each, dict | list):
            raise _invalid(f'"{name}" must be a single value.')
    return {
        name: str(each).lower() if isinstance(each, bool) else str(each)
        for name, each in value.items()
        if each is not None
    }


def _members(defaults: Plain) -> tuple[dict[str, Plain], dict[str, Any]]:
    """The values in `defaults`, an object or a map, and their types."""
    if not defaults or defaults["value"] is None:
        return {}, {}
    kind, values = type_from_json(defaults["type"]), defaults["value"]
    match kind:
        case ObjectType():
            return dict(values), dict(kind.attributes)
        case MapType():
            return dict(values), dict.fromkeys(values, kind.element)
    raise DiagnosticError.of("Invalid default output values", "defaults must be a map or an object.")


DATA_SOURCE: DataSource[Any] = DataSource(name="terraform_remote_state", schema=_SCHEMA, read=_read, needs_host=False)

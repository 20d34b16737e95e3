"""The data source `terraform_remote_state`: the output values of another lab.

Source: https://developer.hashicorp.com/terraform/language/state/remote-state-data, and
internal/builtin/providers/terraform/data_source_state.go of Terraform 1.11. Two backends are
read: a file on this machine (`local`), and a web server (`http`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.paths import located
from kvmform.resources.recorded import made
from kvmform.schema import DataSource, Object, Plain, Problem, Reading, Row, Schema
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, STRING, MapType, ObjectType, object_type, type_from_json, type_to_json

__all__ = ["DATA_SOURCE"]

_DEFAULT_WORKSPACE = "default"
_STATE = "terraform.tfstate"


def _local(reading: Reading[Any], config: Mapping[str, str], workspace: str) -> tuple[bytes, str]:
    """The content of a state file, and its name; empty where there is none."""
    directory = config.get("workspace_dir") or f"{_STATE}.d"
    usual = config.get("path") or _STATE
    name = usual if workspace == _DEFAULT_WORKSPACE else str(Path(directory, workspace, _STATE))
    path = located(reading.base_directory, name)
    try:
        return path.read_bytes(), name
    except FileNotFoundError:
        return b"", name
    except OSError as problem:
        raise DiagnosticError.of("Unable to read remote state", f"{path}: {problem.strerror}.") from problem


def _http(_reading: Reading[Any], config: Mapping[str, str], workspace: str) -> tuple[bytes, str]:
    """What a web server has of a state, and the URL; empty where it has none."""
    import base64

    from kvmform.web.client import Request, Retry, Trust, ask

    address, name, password = (config.get(each) for each in ("address", "username", "password"))
    if not address:
        raise _invalid('The backend "http" needs the address of the state: config = { address = "https://…" }.')
    if workspace != _DEFAULT_WORKSPACE:
        raise _invalid('The backend "http" has no workspaces.')
    credentials = base64.b64encode(f"{name}:{password or ''}".encode()).decode()
    retry = Retry(*(_whole(config, name, usual) for name, usual in _RETRY.items()))
    trust = Trust(
        authority=config.get("client_ca_certificate_pem"),
        insecure=config.get("skip_cert_verification") == "true",
        certificate=config.get("client_certificate_pem"),
        key=config.get("client_private_key_pem"),
    )
    headers = {"Authorization": f"Basic {credentials}"} if name else {}
    answer = ask(Request(address, headers=headers, trust=trust, retry=retry))
    if answer.status in (204, 404):
        return b"", address
    if answer.status != 200:
        detail = f"{address}: the server answered {answer.status}."
        raise DiagnosticError.of("Unable to read remote state", detail)
    return answer.body, address


_RETRY = {"retry_max": 2, "retry_wait_min": 1, "retry_wait_max": 30}


def _whole(config: Mapping[str, str], name: str, usual: int) -> int:
    text = config.get(name, str(usual))
    if not text.isdecimal():
        raise _invalid(f'"{name}" must be a whole number; got: "{text}".')
    return int(text)


_ARGUMENTS = {
    "local": ("path", "workspace_dir"),
    "http": (
        "address",
        "username",
        "password",
        "skip_cert_verification",
        "retry_max",
        "retry_wait_min",
        "retry_wait_max",
        "client_ca_certificate_pem",
        "client_certificate_pem",
        "client_private_key_pem",
        # They are for writing.
        "update_method",
        "lock_address",
        "lock_method",
        "unlock_address",
        "unlock_method",
    ),
}
"""What `config` may have, by backend."""

_BACKENDS: Mapping[str, Callable[[Reading[Any], Mapping[str, str], str], tuple[bytes, str]]] = {
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
        if name not in _ARGUMENTS[backend]:
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
    from kvmform.state.file import parse_state

    settings = _settings(config["config"])
    data, name = _BACKENDS[config["backend"]](reading, settings, config["workspace"] or _DEFAULT_WORKSPACE)
    if not data.strip():
        raise DiagnosticError.of(
            "Unable to find remote state",
            f"No stored state was found for the given workspace in the given backend: {name} is not there, or empty. "
            "Apply that lab first.",
        )
    values, types = _members(config["defaults"])
    for output, stored in parse_state(data, name).outputs.items():
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

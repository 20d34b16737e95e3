"""The guest agent: commands to the software inside of a guest. Domains are named by UUID.

https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from typing import Any

from kvmform.host.errors import TimedOutError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["AGENT_CHANNEL", "ask_agent", "run_in_guest"]

AGENT_CHANNEL = "org.qemu.guest_agent.0"
"""Name of the channel that the agent listens at."""

_ANSWER_SECONDS = 5
_LOOK_AGAIN_SECONDS = 0.1


def ask_agent(host: Host, uuid: str, command: str, arguments: dict[str, Any] | None = None) -> Any:
    """Give the agent a command (`guest-ping`), and return what it answers.

    Raises:
        HostError: it does not answer within 5 s, or refuses.
    """
    import libvirt_qemu

    asked = json.dumps({"execute": command, "arguments": arguments or {}})
    answer = host.read(
        Operation("ask the guest agent of", Kind.DOMAIN, uuid),
        lambda connection: libvirt_qemu.qemuAgentCommand(connection.domain(uuid), asked, _ANSWER_SECONDS, 0),
    )
    return json.loads(answer)["return"]


def run_in_guest(host: Host, uuid: str, program: str, arguments: Sequence[str], timeout: float = 10) -> tuple[int, str]:
    """Run a program in the guest. Returns its exit status, and what it printed, on whichever of its outputs.

    Raises:
        HostError: the agent does not answer, or may not run programs; TimedOutError after `timeout` seconds.
    """
    begun = {"path": program, "arg": list(arguments), "capture-output": True}
    process = ask_agent(host, uuid, "guest-exec", begun)["pid"]
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        status = ask_agent(host, uuid, "guest-exec-status", {"pid": process})
        if status["exited"]:
            printed = b"".join(base64.b64decode(status.get(name, "")) for name in ("out-data", "err-data"))
            return int(status.get("exitcode", -1)), printed.decode(errors="replace")
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise TimedOutError.of("No answer", f"{program} did not end in the guest within {timeout:g} s.")

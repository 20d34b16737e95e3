"""What the blocks take: `provisioner` of each type, and `connection`."""

from __future__ import annotations

from kvmform.schema import Row, Schema
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, MapType

__all__ = ["CONNECTION", "PROVISIONERS"]

PROVISIONERS = {
    "local-exec": Schema(
        rows={
            "command": Row(type=STRING, required=True, doc="What to run."),
            "interpreter": Row(type=ListType(STRING), doc='What runs it, with its arguments: `["/bin/sh", "-c"]`.'),
            "working_dir": Row(type=STRING, doc="Where to run it; by default in the root module's directory."),
            "environment": Row(type=MapType(STRING), doc="More environment variables."),
            "quiet": Row(type=BOOL, default=False, doc="Do not show the command, only what it prints."),
        },
        doc="Runs a command on the machine that kvmform runs on.",
    ),
    "remote-exec": Schema(
        rows={
            "inline": Row(type=ListType(STRING), doc="Lines of one script."),
            "script": Row(type=STRING, doc="A script's path on this machine."),
            "scripts": Row(type=ListType(STRING), doc="Paths of several, which are run one after the other."),
        },
        doc="Uploads scripts to a host, and runs them there. Exactly one of the three arguments must be set.",
    ),
    "file": Schema(
        rows={
            "source": Row(
                type=STRING,
                doc="A file or directory on this machine. With a slash at the end only what is in the directory.",
            ),
            "content": Row(type=STRING, doc="Text, in place of a `source`."),
            "destination": Row(type=STRING, required=True, doc="The path on the host."),
        },
        doc="Uploads a file or a directory to a host. Exactly one of `source` and `content` must be set.",
    ),
}
"""Schemas of the provisioners, by type."""

CONNECTION = Schema(
    rows={
        "type": Row(type=STRING, default="ssh", doc="Only `ssh`."),
        "host": Row(type=STRING, required=True, doc="Address or name of the host."),
        "port": Row(type=NUMBER, default=22, doc="Its port."),
        "user": Row(type=STRING, default="root", doc="Who to log in as."),
        "password": Row(type=STRING, sensitive=True, doc="The user's password."),
        "private_key": Row(type=STRING, sensitive=True, doc="The text of a private key that has no passphrase."),
        "certificate": Row(type=STRING, doc="The text of the certificate of that key."),
        "agent": Row(type=BOOL, doc="Whether to use ssh-agent. By default yes, where `SSH_AUTH_SOCK` is set."),
        "agent_identity": Row(type=STRING, doc="The agent's key to try first: its comment, or its file."),
        "host_key": Row(type=STRING, doc="The host's public key. Without one any is accepted."),
        "timeout": Row(type=STRING, default="5m", doc="How long to try to connect."),
        "script_path": Row(
            type=STRING, doc="Where scripts are put; `%RAND%` becomes a number. By default `/tmp/terraform_%RAND%.sh`."
        ),
        "target_platform": Row(type=STRING, default="unix", doc="`unix` or `windows`."),
        "bastion_host": Row(type=STRING, doc="A host through which to connect."),
        "bastion_port": Row(type=NUMBER, doc="Its port; by default that of the host."),
        "bastion_user": Row(type=STRING, doc="Who to log in as there; by default the same."),
        "bastion_password": Row(type=STRING, sensitive=True, doc="The password there; by default the same."),
        "bastion_private_key": Row(type=STRING, sensitive=True, doc="The private key there; by default the same."),
        "bastion_certificate": Row(type=STRING, doc="The certificate of that key; by default the same."),
        "bastion_host_key": Row(type=STRING, doc="The bastion's public key. Without one any is accepted."),
        "proxy_scheme": Row(type=STRING, default="http", doc="`http` or `socks5`."),
        "proxy_host": Row(type=STRING, doc="A proxy through which to connect to the host, or to the bastion."),
        "proxy_port": Row(type=NUMBER, doc="Its port."),
        "proxy_user_name": Row(type=STRING, doc="Who to log in as at the proxy."),
        "proxy_user_password": Row(type=STRING, sensitive=True, doc="The password there."),
        # What only WinRM has. It is known, so that `type` is what a message is about.
        "https": Row(type=BOOL, doc="Of `winrm`, which is not supported."),
        "insecure": Row(type=BOOL, doc="Of `winrm`, which is not supported."),
        "use_ntlm": Row(type=BOOL, doc="Of `winrm`, which is not supported."),
        "cacert": Row(type=STRING, doc="Of `winrm`, which is not supported."),
    },
    doc="How to reach the host of a `remote-exec` or `file` provisioner.",
)

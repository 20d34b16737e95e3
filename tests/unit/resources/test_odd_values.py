"""Values that nothing can be made of are told as diagnostics, with their place, whatever they are."""

import pytest
from command_line import CommandLine

NUL = r"a\u0000b"
KEY = 'resource "tls_private_key" "k" {\n  algorithm = "ED25519"\n}\n'
CERTIFICATE = (
    KEY + 'resource "tls_self_signed_cert" "x" {\n  private_key_pem = tls_private_key.k.private_key_pem\n  %s\n}\n'
)
REQUEST = KEY + 'resource "tls_cert_request" "x" {\n  private_key_pem = tls_private_key.k.private_key_pem\n  %s\n}\n'
ARCHIVE = 'data "archive_file" "x" {\n  type = "zip"\n  %s\n}\n'
REMOTE = 'data "terraform_remote_state" "x" {\n  %s\n}\n'
HTTP = 'data "http" "x" {\n  %s\n}\n'
EXTERNAL = 'data "external" "x" {\n  %s\n}\n'

ODD = [
    (f'data "local_file" "x" {{\n  filename = "{NUL}"\n}}\n', "No file has a NUL character in its name"),
    (f'resource "template_dir" "x" {{\n  source_dir = "{NUL}"\n  destination_dir = "d"\n}}\n', "has a NUL character"),
    (
        'resource "template_dir" "x" {\n  source_dir = "."\n  destination_dir = "main.tf"\n}\n',
        "main.tf can't be written",
    ),
    ('resource "tls_private_key" "x" {\n  algorithm = "RSA"\n  rsa_bits = 2048.5\n}\n', "must be a whole number"),
    ('resource "tls_private_key" "x" {\n  algorithm = "RSA"\n  rsa_bits = 1e30\n}\n', "Private key can't be made"),
    (CERTIFICATE % "validity_period_hours = 1.5\nallowed_uses = []", "must be a whole number, got: 1.5"),
    (CERTIFICATE % "validity_period_hours = 1e12\nallowed_uses = []", "A certificate ends before the year 10000"),
    (CERTIFICATE % 'validity_period_hours = 1\nallowed_uses = ["encipher_only"]', "Certificate can't be made"),
    (REQUEST % 'dns_names = ["ü"]', '"dns_names" can\'t have "ü"'),
    (REQUEST % 'subject {\n  street_address = ["a", "a"]\n}', '"street_address" can\'t be "a, a"'),
    (EXTERNAL % f'program = ["true", "{NUL}"]', "External Program Execution Failed"),
    (EXTERNAL % f'program = ["true"]\nworking_dir = "{NUL}"', "No file has a NUL character"),
    (EXTERNAL % 'program = ["/"]', "External Program Lookup Failed"),
    (EXTERNAL % r'program = ["printf", "\\377"]', "it is not JSON"),
    (HTTP % 'url = "http://[::1"', '"http://[::1" must begin with http://'),
    (HTTP % 'url = "http://"', "no host given"),
    (HTTP % 'url = "http://127.0.0.1:1/"\nrequest_headers = { a = "x\\ny" }', "Invalid header value"),
    (HTTP % 'url = "http://127.0.0.1:1/ü"\nrequest_timeout_ms = 1e30', "Connection refused"),
    (HTTP % 'url = "http://127.0.0.1:1"\nretry {\n  attempts = 0.5\n}', "must be a whole number, at least 0"),
    (ARCHIVE % f'output_path = "{NUL}"\nsource_file = "main.tf"', "No file has a NUL character"),
    (ARCHIVE % 'output_path = "x"\nsource_file = "."', "Archive creation error"),
    (
        ARCHIVE % 'output_path = "x"\nsource_file = "main.tf"\noutput_file_mode = "99999999999"',
        "must be an octal number",
    ),
    (REMOTE % 'backend = "local"\nconfig = "x"', "config must be an object"),
    (REMOTE % 'backend = "local"\nconfig = { path = ["x"] }', '"path" must be a single value'),
    (REMOTE % f'backend = "local"\nworkspace = "{NUL}"', "No file has a NUL character"),
    (REMOTE % 'backend = "http"\nconfig = { address = "file:///x" }', "must begin with http:// or https://"),
    (
        REMOTE % 'backend = "http"\nconfig = { address = "http://x", retry_max = "x" }',
        '"retry_max" must be a whole number',
    ),
    (REMOTE % 'backend = "local"\nconfig = { path = "state" }\ndefaults = "x"', "defaults must be a map or an object"),
]


@pytest.mark.parametrize(("text", "said"), ODD, ids=[words for _, words in ODD])
def test_it_is_told_and_a_good_value_does_afterwards(here: CommandLine, text: str, said: str) -> None:
    (here.directory / "state").write_text('{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": []}')
    output = here.write(text).run("apply", "-auto-approve", code=1)
    assert said in " ".join(output.replace("│", "").split())
    assert "Unexpected error" not in output
    assert "on main.tf line" in output
    here.applied(KEY)


def test_an_early_renewal_of_ages_is_one_at_once(here: CommandLine) -> None:
    here.write(CERTIFICATE % "validity_period_hours = 1\nearly_renewal_hours = 1e30\nallowed_uses = []")
    here.run("apply", "-auto-approve")
    assert here.actions()["tls_self_signed_cert.x"] == ["delete", "create"]

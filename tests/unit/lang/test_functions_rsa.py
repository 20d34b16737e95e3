"""`rsadecrypt`, with keys in each form that Terraform takes."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from function_calls import assert_fails, assert_gives

KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=1024)
FORMS = {
    "PKCS #1": serialization.PrivateFormat.TraditionalOpenSSL,
    "PKCS #8": serialization.PrivateFormat.PKCS8,
    "OpenSSH": serialization.PrivateFormat.OpenSSH,
}


def pem(key, form=serialization.PrivateFormat.PKCS8, passphrase=None):
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, hidden).decode().replace("\n", "\\n")


def encrypted(text):
    return base64.b64encode(KEY.public_key().encrypt(text.encode(), padding.PKCS1v15())).decode()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_text_is_decrypted_with_a_key_in_any_form(form):
    assert_gives(f'rsadecrypt("{encrypted("hellö")}", "{pem(KEY, form)}")', '"hellö"')


@pytest.mark.parametrize(
    ("ciphertext", "key", "message"),
    [
        (encrypted("x"), pem(OTHER), "failed to decrypt: it was not encrypted for this key"),
        ("", pem(KEY), "failed to decrypt: it was not encrypted for this key"),
        ("!!", pem(KEY), 'failed to decode input "!!": cipher text must be base64-encoded'),
        (encrypted("x"), "no key", "invalid private key: there is none in PEM form"),
        (encrypted("x"), pem(KEY, passphrase=b"secret"), "invalid private key: it is protected by a passphrase"),
        (
            encrypted("x"),
            pem(ec.generate_private_key(ec.SECP256R1())),
            "invalid private key type: it must be an RSA key",
        ),
    ],
    ids=["another key", "nothing", "no base64", "no key", "passphrase", "no RSA key"],
)
def test_what_can_not_be_decrypted_is_an_error(ciphertext, key, message):
    assert_fails(f'rsadecrypt("{ciphertext}", "{key}")', message)

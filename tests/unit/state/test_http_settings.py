"""What the http backend is told."""

import pytest

from kvmform.state.backends.http_settings import HttpSettings

PLACE = {"address": "https://states.test/lab"}


@pytest.mark.parametrize(("said", "seconds"), [("", 10), ("30", 30), ("0", 1), ("often", 10)])
def test_a_server_is_given_the_state_once_a_second_at_most(said, seconds):
    environment = {"TF_STATE_PERSIST_INTERVAL": said}
    assert HttpSettings.of(PLACE, environment).checkpoint_seconds == seconds

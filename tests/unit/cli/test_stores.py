"""Which store a command means."""

import pytest

from cli.call import Call
from cli.stores import store_url
from wherry.errors import UsageError


def test_a_target_s_store_and_another_are_not_meant_at_once() -> None:
    """Else the artifact would go to one, and the lock would be the other's."""
    with pytest.raises(UsageError, match="a target has a store of its own"):
        store_url(Call(target_name="local"), "s3://mine")

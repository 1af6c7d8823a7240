"""No test can reach a real account, or anything beyond this machine."""

import socket
import subprocess
import sys

import boto3
import pytest
from pytest_socket import SocketConnectBlockedError


def test_a_socket_beyond_loopback_is_refused() -> None:
    """192.0.2.1 is set aside for documentation (RFC 5737): nobody is there in any case."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller,
        pytest.raises((SocketConnectBlockedError, UserWarning), match=r'host "192\.0\.2\.1"'),
    ):
        caller.connect(("192.0.2.1", 443))


def test_a_client_has_made_up_keys_and_calls_nobody() -> None:
    client = boto3.client("sts")

    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    assert boto3.Session().get_credentials().access_key == "test"


def test_a_command_started_by_a_test_has_them_too() -> None:
    code = (
        "import boto3; session = boto3.Session(); "
        "print(session.available_profiles, session.client('s3').meta.endpoint_url)"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["[]", "http://127.0.0.1:9"]

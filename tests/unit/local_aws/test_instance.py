"""What MiniStack, the CDK and the CLI are told; pure functions of the options."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.local_aws.engine import Engine
from infra.local_aws.instance import (
    Options,
    Plan,
    docker_script,
    emulator_environment,
    registries_conf,
    target,
    write,
)

ENGINE = Engine("podman", ("fake-engine", "--root", "/a b"), {"CONTAINERS_CONF": "/c d"})
DOCKER = Engine("docker", ("fake-engine",), {"DOCKER_HOST": "unix:///there.sock"})
USER = {"PATH": "/bin", "AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "AKIA", "HTTPS_PROXY": "x"}
URI = "000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:abc"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(folder=tmp_path, port=4999)


def strict(options: Options) -> Options:
    return Options(folder=options.folder, port=options.port, strict=True)


def test_it_listens_on_loopback_alone(options: Options) -> None:
    told = emulator_environment(options, None, USER)

    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["IOT_MTLS_ENABLED"] == "0"
    assert told["SFTP_ENABLED"] == "0"


def test_it_learns_nothing_of_the_users_account(options: Options) -> None:
    told = emulator_environment(options, ENGINE, USER)

    assert not {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "HTTPS_PROXY"} & told.keys()


def test_everything_that_it_writes_is_in_the_instance(options: Options) -> None:
    told = emulator_environment(options, None, USER)

    for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR"):
        assert Path(told[name]).is_relative_to(options.folder)


def test_its_containers_are_not_those_of_another_checkout_on_the_same_port(tmp_path: Path) -> None:
    """Else `down` after a crash of one would end the functions of the other."""
    one, other = (Options(folder=tmp_path / name, port=4999) for name in ("one", "other"))
    told = emulator_environment(one, DOCKER, USER)

    assert one.label == f"ministack.instance={told['MINISTACK_HOSTNAME']}:4999"
    assert one.label != other.label


def test_without_an_engine_it_is_kept_from_the_users_docker(options: Options) -> None:
    told = emulator_environment(options, None, USER | {"DOCKER_HOST": "unix:///users.sock"})

    assert told["DOCKER_HOST"] == f"unix://{options.folder}/engine.sock"


def test_docker_is_reached_where_its_own_client_reaches_it(options: Options) -> None:
    assert emulator_environment(options, DOCKER, USER)["DOCKER_HOST"] == "unix:///there.sock"


@pytest.mark.parametrize(("keep", "told"), [(True, "1"), (False, "0")])
def test_state_is_kept_or_not_as_asked(tmp_path: Path, keep: bool, told: str) -> None:  # noqa: FBT001
    environment = emulator_environment(Options(folder=tmp_path, keep=keep), None, USER)

    assert environment["PERSIST_STATE"] == environment["S3_PERSIST"] == told


def test_strict_is_tls_and_iam(options: Options) -> None:
    plain = emulator_environment(options, None, USER)
    told = emulator_environment(strict(options), None, USER)

    assert "AUTH" not in plain
    assert "USE_SSL" not in plain
    assert told["AUTH"] == "true"
    assert told["USE_SSL"] == "1"


def test_a_seed_makes_the_routing_repeatable(tmp_path: Path) -> None:
    environment = emulator_environment(Options(folder=tmp_path, seed=7), None, USER)

    assert environment["WHERRY_LOCAL_SEED"] == "7"


def test_the_target_says_where_and_how(options: Options) -> None:
    told = target(options, Plan("image", ENGINE, "base:1"), "3.13", "3.11")

    assert told["api_url"] == "http://127.0.0.1:4999/restapis/{api}/{stage}/_user_request_"
    assert told["environment"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert told["environment"]["CDK_DOCKER"] == str(options.folder / "docker")
    assert (told["packaging"], told["base_image"], told["python"]) == ("image", "base:1", "3.13")
    assert told["operations_python"] == "3.11"  # MiniStack's own runs them


def test_a_strict_target_says_whom_to_trust(options: Options) -> None:
    environment = target(strict(options), Plan("zip"), "3.13", "3.11")["environment"]

    assert environment["AWS_ENDPOINT_URL"] == "https://127.0.0.1:4999"
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        assert Path(environment[name]).is_relative_to(options.folder)
    assert "CDK_DOCKER" not in environment


def run(options: Options, engine: Engine, *words: str, told: str = "") -> list[str]:
    """Run the script with an engine that says what it was called with; its calls."""
    write(options.folder / "fake-engine", '#!/bin/sh\nprintf "%s|" "$@"; echo\n', mode=0o755)
    script = options.folder / "docker"
    write(script, docker_script(options, engine), mode=0o755)
    environment = {"PATH": f"{options.folder}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    done = subprocess.run(
        [str(script), *words], input=told, capture_output=True, text=True, check=True,
        env=environment,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_there_is_nobody_to_log_in_to(options: Options) -> None:
    assert run(options, ENGINE, "login", "--password-stdin", told="secret") == []


def test_a_build_leaves_the_clock_out(options: Options) -> None:
    (call,) = run(options, ENGINE, "build", "--tag", "x", ".")

    assert call == "--root|/a b|build|--timestamp|0|--isolation|chroot|--tag|x|.|"


def test_a_push_goes_to_the_emulator(options: Options) -> None:
    (call,) = run(options, ENGINE, "push", URI)

    expected = f"push|--quiet|--tls-verify=false|{URI}|docker://127.0.0.1:4999/assets:abc|"
    assert call == f"--root|/a b|{expected}"


def test_a_strict_push_trusts_our_authority_and_no_other(options: Options) -> None:
    (call,) = run(strict(options), ENGINE, "push", URI)

    assert f"|--cert-dir|{options.folder}/tls/registry|" in call
    assert "--tls-verify=false" not in call


def test_docker_pushes_by_another_name(options: Options) -> None:
    calls = run(options, DOCKER, "push", URI)

    assert calls == [
        f"tag|{URI}|127.0.0.1:4999/assets:abc|",
        "push|--quiet|127.0.0.1:4999/assets:abc|",
    ]


def test_other_words_reach_the_engine_as_they_are(options: Options) -> None:
    assert run(options, ENGINE, "tag", "a b", URI) == [f"--root|/a b|tag|a b|{URI}|"]


def test_the_accounts_registry_is_the_emulator(options: Options) -> None:
    told = registries_conf(options)

    assert 'prefix = "000000000000.dkr.ecr.us-east-1.amazonaws.com"' in told
    assert 'location = "127.0.0.1:4999"' in told


def test_a_file_is_written_whole_with_its_mode(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b", "text", mode=0o700)

    assert (tmp_path / "a" / "b").read_text() == "text"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]

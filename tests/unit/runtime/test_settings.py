import pytest
from msgspec.structs import astuple, fields, replace

from tests.support.signing import a_key
from wherry.errors import ConfigurationError
from wherry.limits import Limits
from wherry.settings import Settings

DIGEST = "sha256:" + "a" * 64
TOLD = {
    "WHERRY_MODEL": "iris",
    "WHERRY_MODEL_VERSION": "3",
    "WHERRY_DIGEST": DIGEST,
    "WHERRY_STORE": "s3://bucket",
}


def test_a_release_is_read_from_the_environment() -> None:
    lambdas = {"AWS_LAMBDA_FUNCTION_VERSION": "12", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}

    settings = Settings.from_environment({**TOLD, **lambdas})

    assert settings == Settings(
        model="iris",
        model_version=3,
        digest=DIGEST,
        store="s3://bucket",
        release="12",
        memory_mb=512,
    )


def test_without_a_word_about_limits_they_are_lambdas() -> None:
    assert Settings.from_environment(TOLD).limits == Limits()


def test_every_limit_can_be_set_by_its_variable() -> None:
    told = {
        "WHERRY_MAX_BODY_BYTES": "1",
        "WHERRY_MAX_DECOMPRESSED_BYTES": "2",
        "WHERRY_MAX_ANSWER_BYTES": "3",
        "WHERRY_MAX_ELEMENTS": "4",
        "WHERRY_MAX_ROWS": "5",
        "WHERRY_MAX_TEXT_LENGTH": "6",
        "WHERRY_NONFINITE": "refuse",
    }

    limits = Settings.from_environment({**TOLD, **told}).limits

    assert astuple(limits) == (1, 2, 3, 4, 5, 6, "refuse")
    assert len(told) == len(fields(Limits))


def test_the_docs_page_is_there_unless_it_is_switched_off() -> None:
    assert Settings.from_environment(TOLD).docs
    assert not Settings.from_environment({**TOLD, "WHERRY_DOCS": "off"}).docs


def test_sketches_are_on_and_nothing_is_slow_until_it_is_told() -> None:
    untold = Settings.from_environment(TOLD)
    told = Settings.from_environment({**TOLD, "WHERRY_SKETCH": "off", "WHERRY_SLO_MS": "12.5"})

    assert (untold.sketch, untold.slo_ms) == (True, None)
    assert (told.sketch, told.slo_ms) == (False, 12.5)


def test_outside_of_lambda_the_release_is_called_local() -> None:
    assert Settings.from_environment(TOLD).release == "local"


def test_every_missing_variable_is_named_together() -> None:
    with pytest.raises(ConfigurationError) as told:
        Settings.from_environment({})

    assert all(name in str(told.value) for name in TOLD)


def test_an_empty_variable_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="WHERRY_STORE is missing"):
        Settings.from_environment({**TOLD, "WHERRY_STORE": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHERRY_MODEL_VERSION", "latest"),
        ("WHERRY_MODEL_VERSION", "0"),
        ("WHERRY_MODEL_VERSION", "²"),
        ("WHERRY_DIGEST", "sha256:abc"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1.5"),
        ("WHERRY_MAX_BODY_BYTES", "6MB"),
        ("WHERRY_MAX_ROWS", "0"),
        ("WHERRY_NONFINITE", "no"),
        ("WHERRY_DOCS", "no"),
        ("WHERRY_SKETCH", "no"),
        ("WHERRY_SLO_MS", "soon"),
        ("WHERRY_SLO_MS", "0"),
        ("WHERRY_SLO_MS", "inf"),
        ("WHERRY_SLO_MS", "nan"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Settings.from_environment({**TOLD, name: value})

    assert f"{name} is {value!r}" in str(told.value)


def test_missing_and_wrong_are_told_at_once() -> None:
    told = {**TOLD, "WHERRY_MODEL": "", "WHERRY_DIGEST": "x"}

    with pytest.raises(ConfigurationError, match=r"WHERRY_MODEL is missing.*WHERRY_DIGEST is 'x'"):
        Settings.from_environment(told)


@pytest.mark.parametrize(
    ("memory_mb", "threads"), [(128, 1), (1769, 1), (3537, 1), (3538, 2), (10240, 5)]
)
def test_threads_are_the_whole_cpus_that_the_memory_buys(memory_mb: int, threads: int) -> None:
    settings = Settings.from_environment(TOLD)

    assert replace(settings, memory_mb=memory_mb).threads == threads


def test_without_a_pinned_key_no_signature_is_required() -> None:
    assert Settings.from_environment(TOLD).public_keys == ()
    assert Settings.from_environment({**TOLD, "WHERRY_PUBLIC_KEY": ""}).public_keys == ()


def test_one_key_or_several_may_be_pinned() -> None:
    """Several while keys are changed."""
    one, two = a_key(1).public_key, a_key(2).public_key

    told = Settings.from_environment({**TOLD, "WHERRY_PUBLIC_KEY": f"{one},{two}"})

    assert told.public_keys == (one, two)


@pytest.mark.parametrize("text", [",", " ", "x", f"{a_key().public_key},", "AAAA"])
def test_a_pinned_key_that_is_none_never_means_that_none_is_required(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"WHERRY_PUBLIC_KEY is .*, not a public key"):
        Settings.from_environment({**TOLD, "WHERRY_PUBLIC_KEY": text})

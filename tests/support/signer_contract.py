"""What every signer must do, as tests that take it as a fixture: a key file, and a key in KMS."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.stores import NOW, an_artifact
from wherry.signature import P256, P256_BYTES
from wherry.signature_check import canonical, check_signed, loaded
from wherry.store import ModelStore
from wherry_control.signing import Signer, sign


class SignerContract:
    @pytest.fixture
    def signer(self) -> Signer:
        raise NotImplementedError

    def test_its_public_key_is_on_p256(self, signer: Signer) -> None:
        """The key is told as what the function pins."""
        assert signer.public_key.der.startswith(P256)
        assert len(signer.public_key.der) == P256_BYTES

    def test_it_signs_the_sha256_of_a_message(self, signer: Signer) -> None:
        """Anybody who has the public key can check it, with any library."""
        signature = signer.sign(b"a message")

        loaded(signer.public_key).verify(signature, b"a message", ECDSA(SHA256()))
        with pytest.raises(InvalidSignature):
            loaded(signer.public_key).verify(signature, b"another", ECDSA(SHA256()))

    def test_either_form_of_its_signatures_becomes_the_accepted_one(self, signer: Signer) -> None:
        """Signers differ in which of the two they give."""
        for number in range(4):
            message = b"message %d" % number
            signature = canonical(signer.sign(message))

            assert canonical(signature) == signature
            loaded(signer.public_key).verify(signature, message, ECDSA(SHA256()))

    def test_a_version_that_it_signed_is_signed_by_its_key(self, signer: Signer) -> None:
        """From the signer to the check at load."""
        store, artifact = ModelStore.open("memory://"), an_artifact()
        version = store.publish(artifact, now=NOW)

        sign(store, artifact, version, signer)

        keys = (signer.public_key,)
        assert check_signed(store, artifact, version.version, keys) == signer.public_key

    def test_signing_again_keeps_what_is_stored(self, signer: Signer) -> None:
        """A publisher that is run again changes nothing."""
        store, artifact = ModelStore.open("memory://"), an_artifact()
        version = store.publish(artifact, now=NOW)
        key = sign(store, artifact, version, signer)
        before = store.signature("iris", 1, artifact.digest, key)

        sign(store, artifact, version, signer)

        assert store.signature("iris", 1, artifact.digest, key) == before
        assert store.signed_by(version) == [key]

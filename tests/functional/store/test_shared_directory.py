"""Real processes on one directory."""

from pathlib import Path

import pytest

from tests.support.publishing_contract import SharedStoreContract
from tests.support.stores import Shared


class TestSharedDirectory(SharedStoreContract):
    @pytest.fixture
    def shared(self, tmp_path: Path) -> Shared:
        return Shared(str(tmp_path / "store"), {})

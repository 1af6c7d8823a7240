"""Whatever text is called CSV: cut into parts of any size, it has the rows of one part."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.batches import done, refused, results
from tests.support.plain_models import several
from tests.support.services import service_of
from wherry.batch.contract import Options
from wherry.errors import RefusedError

SERVICE = service_of(several({"x": "FP64"}))
ODD = st.text(alphabet='a",\r\n', max_size=5)
QUOTED = ODD.map(lambda text: '"' + text.replace('"', '""') + '"')
CELLS = st.one_of(st.sampled_from("1234"), QUOTED, ODD)
LINES = st.lists(st.lists(CELLS, min_size=2, max_size=3).map(",".join), max_size=12)


@settings(deadline=None, max_examples=60)
@given(lines=LINES, part_bytes=st.integers(1, 90), ended=st.booleans())
@example(lines=[',4,3\na",aa,3', "3,1,2", '"a""\na""",3,2'], part_bytes=8, ended=False)
@example(lines=["1,a\rb,2", "1,2,3", "1,2,z"], part_bytes=8, ended=True)
@example(lines=['1,2,"\r"'], part_bytes=8, ended=True)
@example(lines=['\n"\n\n\n,3,1', '"""","\n,aa",2', '2,"\n\n,\na",3'], part_bytes=40, ended=False)
def test_it_has_the_rows_of_one_part(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], part_bytes: int, *, ended: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    text = "\n".join(["key,note,x", *lines]) + "\n" * ended
    (folder / "in.csv").write_bytes(text.encode())

    one = _told(folder, "one", 64 << 20)

    assert _told(folder, "many", part_bytes) == one


def _told(folder: Path, output: str, part_bytes: int) -> Any:
    """All rows and what became of them; or why there are none: a quote that is not closed."""
    options = Options(id="key", keep=("note",), to="jsonl")
    try:
        run = done(SERVICE, folder / "in.csv", folder / output, options, part_bytes)
    except RefusedError as error:
        return str(error)
    rows = [(line["row"], line["reason"]) for line in refused(folder / output)]
    return run.rows, rows, results(folder / output, run)

"""Why rows were refused is counted, whatever each of them came with; and no row is swallowed."""

from pathlib import Path

import pytest

from tests.support.batches import done, refused
from tests.support.onnx_models import identity
from tests.support.services import service_of
from wherry.batch.contract import Reason
from wherry.batch.reasons import APART, TOLD, Reasons
from wherry.errors import RefusedError

COMMA = 'column "x": "{}" came; FP32 wants a number'


def test_the_commonest_reason_is_told_in_the_words_of_its_first_row(tmp_path: Path) -> None:
    lines = [f'"{number},5"' for number in range(9)] + ["", "1e99"]
    for name in ("a", "b"):
        (tmp_path / f"in/{name}.csv").parent.mkdir(exist_ok=True)
        (tmp_path / f"in/{name}.csv").write_text("key,x\n" + "".join(f"k,{x}\n" for x in lines))

    told = done(service_of(identity()), tmp_path / "in", tmp_path / "out")

    assert (told.rows, told.predicted, told.refused) == (22, 0, 22)
    first, *others = told.reasons
    assert first == Reason(reason=refused(tmp_path / "out")[0]["reason"], rows=18)
    assert '"0,5" came' in first.reason
    assert [each.rows for each in others] == [2, 2]


def test_reasons_of_ever_other_words_cost_no_memory() -> None:
    reasons = Reasons()
    for number in range(2 * APART):
        reasons.add(f"fault {number}")
        reasons.add("fault 0")

    told = reasons.told()

    assert len(told) == TOLD
    assert told[0] == Reason(reason="fault 0", rows=2 * APART + 1)


@pytest.mark.parametrize("quotes_before", ["", 'b,"1"\n\n'])
def test_a_quote_that_is_never_closed_loses_no_row_silently(
    tmp_path: Path, quotes_before: str
) -> None:
    text = f'key,x\na,1\n{quotes_before}"c,2\nd,3\ne,4\n'
    (tmp_path / "a.csv").write_text(text)
    row = 3 if quotes_before else 2

    with pytest.raises(RefusedError, match=f"opened in row {row} is never closed"):
        done(service_of(identity()), tmp_path / "a.csv", tmp_path / "out")


def test_a_last_row_with_an_open_quote_is_that_row_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('key,x\na,1\nb,"2\n')

    told = done(service_of(identity()), tmp_path / "a.csv", tmp_path / "out")

    assert (told.rows, told.predicted) == (2, 1)
    assert told.reasons[0].reason == "it is not CSV (unexpected end of data)"


def test_lines_that_quotes_make_one_row_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('key,x\n"a,1\nb,2\n"c",3\nd,4\n')

    told = done(service_of(identity()), tmp_path / "a.csv", tmp_path / "out")

    assert told.predicted == 1
    assert "; it is 3 lines, by its quotes" in told.reasons[0].reason

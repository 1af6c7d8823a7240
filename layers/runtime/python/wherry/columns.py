"""
Which features describe which input: the one rule for rows, documents, warm-up and baselines.

A feature that is called as an input of one column is that input's own. All other features are, in
order, the columns of the one table that is as wide. It guesses nothing: where widths or names do
not tell, a table has no named columns.
"""

from collections.abc import Mapping, Sequence

from wherry.manifest import Feature, TensorSpec

ONE_COLUMN = ((), (1,))  # what follows the batch in a shape


def described(
    inputs: Sequence[TensorSpec], features: Sequence[Feature]
) -> Mapping[str, tuple[Feature, ...]]:
    """By the name of each input that has features: one for each of its columns."""
    single = {spec.name for spec in inputs if spec.shape[1:] in ONE_COLUMN}
    own = {each.name: (each,) for each in features if each.name in single}
    columns = tuple(each for each in features if each.name not in own)
    others = [spec for spec in inputs if spec.name not in own]
    table = _table(others, columns)
    return own if table is None else {**own, table.name: columns}


def _table(inputs: list[TensorSpec], columns: tuple[Feature, ...]) -> TensorSpec | None:
    """The input of these columns, if their names tell them apart from the other inputs."""
    width = len(columns)
    found = next((spec for spec in inputs if width and spec.shape[1:] == (width,)), None)
    names = [*(spec.name for spec in inputs if spec is not found), *(each.name for each in columns)]
    return found if len(set(names)) == len(names) else None

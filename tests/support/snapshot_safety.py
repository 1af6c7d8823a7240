"""
What source code must not do when its memory is to become a snapshot that many environments resume.

`ANYWHERE` in the served code: what has a state of its own, or a connection. `AT_START`, called
where code runs once (modules, classes, defaults, decorators, constructors): what should differ
between environments, or between now and then. Names are followed through `import … as`; nothing is
run.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ANYWHERE = (
    "random", "numpy.random", "uuid.uuid1", "socket", "ssl", "http.client", "urllib.request",
    "boto3", "botocore", "httpx", "requests", "multiprocessing",
)  # fmt: skip
AT_START = (
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.perf_counter_ns", "time.localtime", "time.gmtime", "time.strftime",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today",
    "uuid.uuid4", "os.urandom", "os.getrandom", "os.getpid", "secrets", "tempfile",
    "threading.Thread", "concurrent.futures",
)  # fmt: skip
CONSTRUCTORS = {"__init__", "__post_init__", "__new__", "__init_subclass__", "__set_name__"}


def violations(source: str, *, allowed: tuple[str, ...] = ()) -> list[str]:
    """`line: name` of each use that a snapshot would keep; `allowed` names are passed over."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    found = {
        (node.lineno, told)
        for node, at_start in _uses(tree, once=True)
        if (told := _dotted(node, names))
        and _is(told, ANYWHERE + (AT_START if at_start else ()))
        and not _is(told, allowed)
    }
    return [f"{line}: {told}" for line, told in sorted(found)]


def of_files(folder: Path, allowed: dict[str, tuple[str, ...]]) -> list[str]:
    """The violations of every module below `folder`; `allowed` by path below it."""
    return [
        f"{name}:{told}"
        for file in sorted(folder.rglob("*.py"))
        for name in [str(file.relative_to(folder))]
        for told in violations(file.read_text(encoding="utf-8"), allowed=allowed.get(name, ()))
    ]


def _is(told: str, names: tuple[str, ...]) -> bool:
    return any(told == name or told.startswith(f"{name}.") for name in names)


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What each imported name stands for, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _uses(node: ast.AST, *, once: bool) -> Iterator[tuple[ast.expr, bool]]:
    """Each name or attribute that is evaluated, and whether it is called once, at the start."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _uses_of_function(child, once=once)
        elif isinstance(child, ast.Attribute | ast.Name):
            called = isinstance(node, ast.Call) and child is node.func
            yield child, once and called
            yield from _uses(child, once=once)
        elif not _only_for_types(child):
            yield from _uses(child, once=once)


def _uses_of_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, *, once: bool
) -> Iterator[tuple[ast.expr, bool]]:
    """Defaults and decorators run where it stands, its body when it is called."""
    defaults = [each for each in (*function.args.defaults, *function.args.kw_defaults) if each]
    if isinstance(function, ast.Lambda):
        yield from _uses(ast.Expression(function.body), once=False)
    else:
        constructs = function.name in CONSTRUCTORS
        yield from _uses(ast.Module(function.body, []), once=constructs)
        defaults += function.decorator_list
    for default in defaults:
        yield from _uses(ast.Expression(default), once=once)


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return before and f"{before}.{node.attr}"
    return names.get(node.id) if isinstance(node, ast.Name) else None

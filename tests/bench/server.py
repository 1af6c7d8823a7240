"""The local server against others: the same model, one worker, keep-alive, by turns in one run."""

from contextlib import ExitStack

from tests.bench import contenders, wrk
from tests.bench.report import Row, Section
from tests.bench.subject import Subject

TITLE = "Local server: requests per second"
CONNECTIONS = (1, 16)
SECONDS = 1.0
TRIES = 7
GOALS = {"LitServe": 8.0, "MLServer": 40.0}
NOTES = (
    f"`wrk` with one thread, {SECONDS:g} s a try, the best of {TRIES} tries, by turns; every"
    " server has one worker and answers one row of iris from the same ONNX file. Flask and MLServer"
    " as it comes have the estimator instead, as scikit-learn trained it: MLServer has no runtime"
    " for ONNX, and where it has the same file here, the runtime is ours. Ours leaves its evidence."
)


def section(subject: Subject) -> Section:
    if not wrk.is_here():
        return Section("server", TITLE, wrk.MISSING, [])
    here = [contenders.wherry(subject)]
    missing = []
    for name, make, environment in _OTHERS:
        if (contenders.TOOLS / environment / ".ready").is_file():
            here.append(make(subject))
        else:
            missing.append(name)
    notes = NOTES + (f" Not installed here: {', '.join(missing)}." if missing else "")
    return Section("server", TITLE, notes, _rows(_figures(here)))


_OTHERS = (
    ("LitServe", contenders.litserve, "bench-servers"),
    ("MLServer", contenders.mlserver, "bench-mlserver"),
    ("MLServer (ONNX)", contenders.mlserver_onnx, "bench-mlserver"),
    ("MLServer (ONNX, no worker)", contenders.mlserver_onnx_alone, "bench-mlserver"),
    ("BentoML", contenders.bentoml, "bench-bentoml"),
    ("Flask and a pickle", contenders.flask, "bench-servers"),
)


def _figures(here: list[contenders.Contender]) -> dict[tuple[str, int], list[float]]:
    figures: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as stack:
        urls = [(one, stack.enter_context(contenders.running(one))) for one in here]
        for one, url in urls:
            wrk.load(url, one.body, max(CONNECTIONS), 1)  # warm
        for _ in range(TRIES):
            for connections in CONNECTIONS:
                for one, url in urls:
                    found = wrk.load(url, one.body, connections, SECONDS)
                    figures.setdefault((one.name, connections), []).append(found.per_second)
    return figures


def _rows(figures: dict[tuple[str, int], list[float]]) -> list[Row]:
    rows = []
    for connections in CONNECTIONS:
        ours = max(figures["wherry serve", connections])
        for (name, at), found in figures.items():
            if at == connections and name != "wherry serve":
                theirs = max(found)
                rows.append(
                    Row(
                        f"wherry serve, {connections} connection{'s' * (connections > 1)}",
                        f"{ours:,.0f}/s",
                        f"{theirs:,.0f}/s {name}",
                        ours / theirs,
                        GOALS.get(name),
                        "at least",
                    )
                )
    return rows

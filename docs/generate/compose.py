"""What [compose] of a model.toml says: each kind of step, with its keys and what it gives."""

HEAD = """\
Instead of a `train.py`: other models, prepared before, that answer in one call
([how](../how-to/several-models-in-one-call.md)). A source is an input of the whole (`features`) or
`STEP.OUTPUT`. Each of `[[compose.steps]]` has a `name` and a `kind`:

| kind | its keys | what it gives |
|---|---|---|
"""

KINDS = {
    "`model` (the default)": (
        (
            "`model`: a model's folder; `inputs`: the source of each of its inputs, where that is "
            "not the input of the same name"
        ),
        "the model's outputs",
    ),
    "`mean`": (
        "`of`: two sources or more; `labels`, if not those of the members",
        "`value`, and `label` of the largest column",
    ),
    "`weighted`": ("`of`: the weight of each source; `labels`", "the same"),
    "`vote`": (
        "`of`: two sources or more",
        "`label`: the most frequent one; of as many, the one named first",
    ),
    "`switch`": (
        "`by`: a source, one value a row; `cases`: a step for each value; `otherwise`: a step",
        "for each row, the outputs that all these steps have",
    ),
    "`cascade`": (
        (
            "`steps`: two or more; `threshold`; `confidence`: an output of fractions, "
            "`probabilities` by default"
        ),
        "for each row, the outputs of the first step that is sure",
    ),
}

ABOUT = HEAD + "".join(f"| {kind} | {keys} | {gives} |\n" for kind, (keys, gives) in KINDS.items())

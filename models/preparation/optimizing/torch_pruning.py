"""
Structured pruning of a program that `torch.export` made: channels are cut out, none is zeroed.

A layer loses the channels whose weights are least (L2); so does what hangs on them, up to the
layers that read it. Where a channel goes anywhere else (a sum, an answer), the layer stays whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CONV = ("aten.conv1d.default", "aten.conv2d.default")
LINEAR = "aten.linear.default"
LAYERS = (*CONV, LINEAR)
NORM = "aten.batch_norm.default"
EACH_NUMBER = {
    f"aten.{name}.default"
    for name in (
        "relu", "relu_", "gelu", "silu", "sigmoid", "tanh", "elu", "leaky_relu", "hardtanh",
        "hardswish", "dropout", "contiguous", "clone",
    )
}  # fmt: skip
EACH_IMAGE = {
    f"aten.{name}.default"
    for name in (
        "max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d",
        "adaptive_avg_pool2d",
    )
}  # fmt: skip
FLATTEN = "aten.flatten.using_ints"
LEAST = 2  # channels that stay
FLATTENED = (1,)  # from the channels on: each stands for as many features as it has places
GROUPS = 6  # which argument of a convolution says how many there are


@dataclass(frozen=True)
class Cut:
    """A layer, the normalizations behind it, and the layers that read it."""

    layer: Any
    norms: tuple[Any, ...]
    readers: tuple[Any, ...]


def prune(program: Any, share: float) -> int:
    """Cut `program` (a GraphModule) in place: each layer keeps this share; how many were cut."""
    cuts = [cut for cut in map(_cut_of, program.graph.nodes) if cut is not None]
    for cut in cuts:
        _apply(program, cut, share)
    return len(cuts)


def _cut_of(node: Any) -> Cut | None:
    if not _is_layer(node) or _shared(node):
        return None
    norms, readers = [], []
    for user in _behind(node):
        if _is_layer(user) and not _shared(user):
            readers.append(user)
        elif str(user.target) == NORM:
            norms.append(user)
        elif not _passes(user, in_places=str(node.target) in CONV):
            return None
    return Cut(node, tuple(norms), tuple(readers)) if readers else None


def _behind(node: Any) -> Iterator[Any]:
    """All that a layer's channels reach, up to the layers that read them."""
    for user in node.users:
        yield user
        if not _is_layer(user):
            yield from _behind(user)


def _is_layer(node: Any) -> bool:
    target = str(node.target)
    grouped = target in CONV and len(node.args) > GROUPS and node.args[GROUPS] != 1
    return node.op == "call_function" and target in LAYERS and not grouped


def _passes(node: Any, *, in_places: bool) -> bool:
    """Channel by channel; `in_places`: each is an image, not one number."""
    target = str(node.target)
    if target == FLATTEN:
        return in_places and tuple(node.args[1:]) == FLATTENED
    return target in EACH_NUMBER or (in_places and target in EACH_IMAGE)


def _shared(node: Any) -> bool:
    """Whether its weights are another layer's too."""
    return any(len(each.users) > 1 for each in node.args[1:3] if hasattr(each, "users"))


def _apply(program: Any, cut: Cut, share: float) -> None:
    import torch

    weight = program.get_parameter(cut.layer.args[1].target)
    channels = len(weight)
    keep = max(LEAST, round(share * channels))
    norms = weight.detach().flatten(1).norm(dim=1)
    kept = torch.sort(torch.topk(norms, min(keep, channels)).indices).values
    for each in cut.layer.args[1:3]:
        _replace(program, each, lambda tensor: tensor[kept])
    for norm in cut.norms:
        for each in norm.args[1:5]:
            _replace(program, each, lambda tensor: tensor[kept])
    for reader in cut.readers:
        _replace(program, reader.args[1], lambda tensor: _read(tensor, channels, kept))


def _read(weight: Any, channels: int, kept: Any) -> Any:
    """Of a reader, what it takes of the channels that stay, at every place of each."""
    apart = weight.reshape(len(weight), channels, -1, *weight.shape[2:])[:, kept]
    return apart.reshape(len(weight), -1, *weight.shape[2:])


def _replace(program: Any, node: Any, change: Any) -> None:
    import torch

    if node is None:
        return
    owner, _, name = node.target.rpartition(".")
    module = program.get_submodule(owner)
    tensor = getattr(module, name)
    made = change(tensor.detach()).clone()
    if isinstance(tensor, torch.nn.Parameter):
        setattr(module, name, torch.nn.Parameter(made))
    else:
        module.register_buffer(name, made)

"""Every variant that needs nothing but the model and rows, the simplest first."""

from collections.abc import Mapping

from models.preparation.optimizing.candidates import forest, fp16, graphs, int8
from models.preparation.optimizing.variant import Variant

VARIANTS: Mapping[str, Variant] = {
    each.name: each for module in (graphs, forest, int8, fp16) for each in module.VARIANTS
}

"""
The inputs of a deployment that are made outside the CDK app, so that `cdk synth` stays offline.

`wheels` puts the locked wheels beside the Dockerfile, `zip` lays out the tree of a ZIP function,
`operations` that of the layer of the small functions, and `image` builds the image without
deploying it. Nothing here reads a clock or a user name: the same locks and the same code give the
same bytes.
"""

from infra.packaging.image import BuiltImage, build_image
from infra.packaging.operations import build_operations
from infra.packaging.tree import Tree
from infra.packaging.wheels import download_wheels
from infra.packaging.zip import build_zip

__all__ = [
    "BuiltImage",
    "Tree",
    "build_image",
    "build_operations",
    "build_zip",
    "download_wheels",
]

"""
The inputs of a deployment that are made outside the CDK app, so that `cdk synth` stays offline.

`wheels` puts the locked wheels beside the Dockerfile, `zip` lays out the tree of a ZIP function,
and `image` builds the image without deploying it. Nothing here reads a clock or a user name: the
same locks and the same code give the same bytes.
"""

from infra.packaging.image import BuiltImage, build_image
from infra.packaging.wheels import download_wheels
from infra.packaging.zip import ZipTree, build_zip

__all__ = ["BuiltImage", "ZipTree", "build_image", "build_zip", "download_wheels"]

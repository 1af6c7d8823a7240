"""
Where the code of a function comes from. It is built before synth, by `infra.packaging`; here only
folders are named, so that synth needs no engine, no network and no build.
"""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_ecr_assets import Platform

from infra.components.function import Code
from infra.config import ConfigurationError, DeploySettings, Options

HERE = Path(__file__).resolve().parents[2]
HANDLER = "functions.inference.api.handler"
DOCKERFILE = "functions/inference/Dockerfile"
PLATFORMS = {"x86_64": Platform.LINUX_AMD64, "arm64": Platform.LINUX_ARM64}


def inference_code(root: Path, settings: DeploySettings, options: Options) -> Code:
    """The image, whose context is the checkout, or the folder that becomes the ZIP."""
    if settings.packaging == "zip":
        return Code(
            asset=lambda_.Code.from_asset(_built(root, "build/zip", "zip")),
            handler=HANDLER,
            runtime=python(options),
        )
    _built(root, "build/wheels", "wheels")
    return Code(
        asset=lambda_.Code.from_asset_image(
            str(root),
            file=DOCKERFILE,
            platform=PLATFORMS[settings.architecture],
            build_args={"BASE_IMAGE": options.base_image} if options.base_image else None,
        ),
        handler=lambda_.Handler.FROM_IMAGE,
        runtime=lambda_.Runtime.FROM_IMAGE,
    )


def alias_keeper_code(options: Options) -> Code:
    """The standard library and the boto3 of Lambda's runtime: nothing to build."""
    return Code(
        asset=lambda_.Code.from_asset(
            str(HERE / "functions/operations/alias"), exclude=["__pycache__", "__init__.py"]
        ),
        handler="handler.handler",
        runtime=python(options),
    )


def python(options: Options) -> lambda_.Runtime:
    return lambda_.Runtime(f"python{options.python}", lambda_.RuntimeFamily.PYTHON)


def _built(root: Path, folder: str, kind: str) -> str:
    path = root / folder
    if not path.is_dir() or not any(path.iterdir()):
        raise ConfigurationError(
            folder, "the deployment input is missing", f"Run: python -m infra.packaging {kind}"
        )
    return str(path)

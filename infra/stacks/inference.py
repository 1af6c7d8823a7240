"""
One model in one environment: function, immutable version, live alias, REST API, alarms.

The digest stands in the function's environment as a literal, so a change of the model alone makes
another Lambda version, and one move of the alias takes image and model back together. Nothing in
this template names the version that `live` points at: a deploy publishes a candidate, no more.
"""

from pathlib import Path

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.components.alarms import Alarms
from infra.components.function import ARCHITECTURES, Code, Function, FunctionSpec
from infra.components.grant import grant
from infra.components.live_alias import LiveAlias
from infra.components.logs import Logs
from infra.components.prediction_api import ApiSpec, PredictionApi
from infra.components.subscription import Subscription
from infra.components.worker import grant_artifacts
from infra.config import Environment, Options, Release
from infra.stacks.code import alias_keeper_code, inference_code, takes_snapshots
from infra.stacks.operations import roll_up_name
from infra.stacks.store import bucket_name
from infra.stacks.workers import Workers


class Inference(Stack):
    def __init__(
        self, scope: Construct, id_: str, *, release: Release, options: Options, root: Path
    ) -> None:
        environment, settings = options.environment, release.settings
        super().__init__(
            scope,
            id_,
            description=f"Wherry {environment.name}: predictions of {release.model}",
            termination_protection=environment.protected,
        )
        self._environment, self._settings = environment, settings
        self._name = environment.named(release.model)

        self._workers = Workers(self, "Workers", release=release, options=options, root=root)
        model = self._model(self._model_spec(release, options, root), release)
        version = model.function.current_version
        live = self._live(version, alias_keeper_code(options))
        api = self._api(live)
        Alarms(
            self,
            "Alarms",
            live=live.dimensions,
            candidate=version.version,
            stage=api.api.deployment_stage,
            slo_ms=settings.slo_ms,
        )
        self._tell(version, api)

    def _model(self, spec: FunctionSpec, release: Release) -> Function:
        log = self._logs("Logs", "lambda")
        model = Function(self, "Model", spec=spec, log_group=log)
        Subscription(
            self,
            "Evidence",
            log=log,
            function=roll_up_name(self._environment),
            outcomes=release.judges_outcomes,
        )
        grant_artifacts(model.role, bucket_name(self._environment))
        self._workers.open_to(model.role)
        if release.shadow:
            self._grant_shadow(model, self._environment)
        return model

    def _live(self, version: lambda_.Version, code: Code) -> LiveAlias:
        spec = FunctionSpec(
            description=f"Makes the alias live of {self._name} where it is absent",
            code=code,
            memory_mb=128,
            timeout_seconds=60,
        )
        keeper = Function(self, "AliasKeeper", spec=spec, log_group=self._logs("AliasKeeperLogs"))
        return LiveAlias(self, "Live", keeper=keeper.function, version=version)

    def _api(self, live: LiveAlias) -> PredictionApi:
        spec = ApiSpec(
            name=self._name,
            stage=self._environment.name,
            auth=self._settings.auth,
            throttle_rate=self._settings.throttle_rate,
            throttle_burst=self._settings.throttle_burst,
        )
        access_log = self._logs("AccessLog", "apigateway")
        api = PredictionApi(
            self, "Predictions", spec=spec, target=live.alias, access_log=access_log
        )
        api.node.add_dependency(live)
        return api

    def _logs(self, id_: str, service: str | None = None) -> ILogGroup:
        """The log group of `service`, under the name that AWS gives it; else one without a name."""
        name = f"/aws/{service}/{self._name}" if service else None
        return Logs(self, id_, name=name, retention_days=self._settings.log_retention_days).group

    def _tell(self, version: lambda_.Version, api: PredictionApi) -> None:
        """What `wherry` asks of the stack."""
        CfnOutput(self, "FunctionName", value=version.lambda_.function_name)
        CfnOutput(self, "Version", value=version.version)
        CfnOutput(self, "RestApiId", value=api.api.rest_api_id)
        CfnOutput(self, "Stage", value=api.api.deployment_stage.stage_name)
        if api.key is not None:
            CfnOutput(self, "ApiKeyId", value=api.key.key_id)

    def _model_spec(self, release: Release, options: Options, root: Path) -> FunctionSpec:
        lock, settings = release.lock, release.settings
        return FunctionSpec(
            name=self._name,
            description=f"Answers predictions of {lock.model}",
            version_description=f"{lock.model} version {lock.version} {lock.digest}",
            code=inference_code(root, release, options),
            architecture=ARCHITECTURES[settings.architecture],
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            snap_start=settings.snap_start and takes_snapshots(release, options),
            environment={
                **settings.environment,
                "WHERRY_MODEL": lock.model,
                "WHERRY_MODEL_VERSION": str(lock.version),
                "WHERRY_DIGEST": lock.digest,
                "WHERRY_STORE": f"s3://{bucket_name(options.environment)}",
                "WHERRY_SLO_MS": str(settings.slo_ms),
                "ORT_DISABLE_TELEMETRY": "1",
                **({"WHERRY_PUBLIC_KEY": release.public_keys} if release.public_keys else {}),
                **({"WHERRY_EXPERIMENT": release.experiment} if release.experiment else {}),
                **({"WHERRY_SHADOW_SHARE": f"{release.shadow:g}"} if release.shadow else {}),
                **self._workers.told,
            },
        )

    def _grant_shadow(self, model: Function, environment: Environment) -> None:
        """Its own alias `shadow` alone, and what no event carries to there."""
        own = f"arn:{Aws.PARTITION}:lambda:{Aws.REGION}:{Aws.ACCOUNT_ID}:function:{self._name}"
        grant(model.role, ["lambda:InvokeFunction"], f"{own}:shadow")
        grant(
            model.role,
            ["s3:GetObject", "s3:PutObject"],
            f"arn:{Aws.PARTITION}:s3:::{bucket_name(environment)}/shadow/*",
            wildcard="A request that is too large for an event is left there for a day under its "
            "random 128-bit id. It may not list, so it reads only what an event names.",
        )

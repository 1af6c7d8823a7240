"""
The REST API in front of one model: everything goes to the function, byte for byte.

`*/*` as binary media type, because real V2 clients send binary tensors without or with a wrong
Content-Type. The access log names the caller's key, not the address, and holds no payload; the
gateway's own refusals have the protocol's shape, `{"error": …}`.
"""

import json
from dataclasses import dataclass
from typing import Literal

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integration.latency",
    "function_error": "$context.integration.error",
    "refusal": "$context.error.responseType",
    "api_key_id": "$context.identity.apiKeyId",
    "trace_id": "$context.xrayTraceId",
}

REFUSALS = {
    "ClientErrors": apigateway.ResponseType.DEFAULT_4_XX,
    "ServerErrors": apigateway.ResponseType.DEFAULT_5_XX,
}


@dataclass(frozen=True, kw_only=True)
class ApiSpec:
    name: str
    stage: str
    auth: Literal["api_key", "iam"]
    throttle_rate: float
    throttle_burst: int


class PredictionApi(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: ApiSpec,
        target: lambda_.IFunction,
        access_log: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, id_)
        self.api = self._rest_api(spec, access_log)
        forward = apigateway.LambdaIntegration(target, allow_test_invoke=False)
        self.api.root.add_method("ANY", forward)
        self.api.root.add_proxy(default_integration=forward)
        for refusal, kind in REFUSALS.items():
            self.api.add_gateway_response(
                refusal,
                type=kind,
                templates={"application/json": '{"error": $context.error.messageString}'},
            )
        self.key = self._key(spec) if spec.auth == "api_key" else None
        self._acknowledge(spec)

    def _rest_api(self, spec: ApiSpec, access_log: logs.ILogGroup) -> apigateway.RestApi:
        with_key = spec.auth == "api_key"
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=spec.name,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            binary_media_types=["*/*"],
            cloud_watch_role=False,
            default_method_options=apigateway.MethodOptions(
                api_key_required=with_key,
                authorization_type=apigateway.AuthorizationType.NONE
                if with_key
                else apigateway.AuthorizationType.IAM,
            ),
            deploy_options=apigateway.StageOptions(
                stage_name=spec.stage,
                throttling_rate_limit=spec.throttle_rate,
                throttling_burst_limit=spec.throttle_burst,
                tracing_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            ),
        )
        api.node.try_remove_child("Endpoint")  # CDK's output: wrong wherever AWS is a local one
        return api

    def _key(self, spec: ApiSpec) -> apigateway.IApiKey:
        key = apigateway.ApiKey(self, "Key", description=f"A caller of {spec.name}")
        plan = self.api.add_usage_plan(
            "Plan",
            description=f"What one caller of {spec.name} may ask",
            throttle=apigateway.ThrottleSettings(
                rate_limit=spec.throttle_rate, burst_limit=spec.throttle_burst
            ),
        )
        plan.add_api_stage(stage=self.api.deployment_stage)
        plan.add_api_key(key)
        return key

    def _acknowledge(self, spec: ApiSpec) -> None:
        reasons = {
            "AwsSolutions-APIG2": "The function checks every request and answers in the "
            "protocol's own shape; a gateway model cannot describe binary tensors.",
            "AwsSolutions-APIG3": "A web ACL is the account's choice: it is attached to the stage "
            "from outside, without a change here.",
            "AwsSolutions-APIG6": "Execution logs can hold requests and their log group has no "
            "retention; the access log and the function's log tell the same without payload.",
            "AwsSolutions-COG4": "Callers are programs with an API key or an IAM role, not people "
            "in a user pool.",
        }
        if spec.auth == "api_key":
            reasons["AwsSolutions-APIG4"] = (
                'auth = "api_key" is the model\'s own choice in model.toml; "iam" is the other.'
            )
        for rule, reason in reasons.items():
            Validations.of(self.api).acknowledge(Acknowledgment(id=rule, reason=reason))

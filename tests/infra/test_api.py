"""The REST API in front of a model: who may call, what is forwarded, what is logged."""

import json

from tests.infra.synth import Template, of_type, only, text


def test_every_body_reaches_the_function_as_it_is(inference: Template) -> None:
    assert only(inference, "AWS::ApiGateway::RestApi")["BinaryMediaTypes"] == ["*/*"]


def test_every_method_goes_to_the_alias_and_wants_a_key(inference: Template) -> None:
    methods = [each["Properties"] for each in of_type(inference, "AWS::ApiGateway::Method")]

    assert len(methods) == 2
    for method in methods:
        assert method["HttpMethod"] == "ANY"
        assert method["ApiKeyRequired"] is True
        assert method["Integration"]["Type"] == "AWS_PROXY"
        assert text(method["Integration"]["Uri"]).endswith(":live/invocations")
    assert of_type(inference, "AWS::ApiGateway::UsagePlanKey")


def test_every_path_is_forwarded(inference: Template) -> None:
    """V2, /predict, /docs and what comes next: the function alone knows its routes."""
    assert only(inference, "AWS::ApiGateway::Resource")["PathPart"] == "{proxy+}"


def test_with_iam_every_method_wants_a_signature_and_there_is_no_key(
    zip_app: dict[str, Template],
) -> None:
    template = zip_app["Wherry-prod-iris"]

    for method in of_type(template, "AWS::ApiGateway::Method"):
        assert method["Properties"]["AuthorizationType"] == "AWS_IAM"
        assert method["Properties"]["ApiKeyRequired"] is False
    assert of_type(template, "AWS::ApiGateway::ApiKey") == []


def test_api_gateway_may_call_the_alias_and_nothing_else(inference: Template) -> None:
    for permission in of_type(inference, "AWS::Lambda::Permission"):
        assert text(permission["Properties"]["FunctionName"]).endswith(".Arn}:live")
        assert "execute-api" in text(permission["Properties"]["SourceArn"])


def test_nothing_of_the_api_is_made_before_the_alias_is_there(inference: Template) -> None:
    (alias,) = [
        name
        for name, resource in inference["Resources"].items()
        if resource["Type"] == "Custom::WherryLiveAlias"
    ]

    for permission in of_type(inference, "AWS::Lambda::Permission"):
        assert alias in permission["DependsOn"]


def test_the_stage_is_throttled_traced_and_logged_without_payload_or_address(
    inference: Template,
) -> None:
    stage = only(inference, "AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]
    logged = json.loads(stage["AccessLogSetting"]["Format"])

    assert stage["TracingEnabled"] is True
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (200, 400)
    assert settings["DataTraceEnabled"] is False
    assert "LoggingLevel" not in settings
    assert "$context.requestId" in logged.values()
    assert not any("sourceIp" in value for value in logged.values())


def test_the_gateway_s_own_refusals_have_the_protocol_s_shape(inference: Template) -> None:
    refusals = {
        each["Properties"]["ResponseType"]: each["Properties"]["ResponseTemplates"]
        for each in of_type(inference, "AWS::ApiGateway::GatewayResponse")
    }

    assert refusals.keys() == {"DEFAULT_4XX", "DEFAULT_5XX"}
    for templates in refusals.values():
        assert templates == {"application/json": '{"error": $context.error.messageString}'}

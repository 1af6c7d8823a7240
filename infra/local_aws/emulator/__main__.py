"""Apply the fixes, then be MiniStack."""

import os
import random
import sys
from importlib import metadata
from types import ModuleType

from infra.local_aws.emulator import (
    bodies,
    containers,
    endpoints,
    errors,
    logs,
    machines,
    metrics,
    queues,
    registry,
    routing,
    schedules,
    subscriptions,
)
from infra.local_aws.emulator.wrapping import check_version


def main() -> None:
    """Apply the fixes, then serve until told to stop."""
    from ministack import app

    check_version(metadata.version("ministack"))
    _fix_functions(app)
    _fix_services()
    _fix_workers()
    del os.environ["PYTHONPATH"]  # ours; a function has only what it brings
    sys.argv = ["ministack"]
    app.main()


def _fix_functions(app: ModuleType) -> None:
    from ministack.core import lambda_runtime, tls
    from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

    seed = os.environ.get("WHERRY_LOCAL_SEED")
    chance = random.Random(seed) if seed else random.SystemRandom()  # noqa: S311 (no secret)
    routing.route_by_alias_weights(lambda_svc, chance)
    routing.refuse_wrong_alias_routing(lambda_svc)
    metrics.count_invocations(lambda_svc, cloudwatch)
    logs.write_lines_as_lambda_does(lambda_svc, cloudwatch_logs)
    logs.read_all_of_a_containers_lines(lambda_svc)
    containers.keep_versions_apart(lambda_svc)
    containers.run_functions_as_lambda_does(lambda_svc)
    containers.let_functions_read_their_trust(tls)
    containers.stay_on_this_machine(app, lambda_svc)
    errors.name_errors_by_their_class(lambda_svc, lambda_runtime)


def _fix_services() -> None:
    from ministack.core import iam_actions
    from ministack.services import apigateway_v1, cloudwatch_logs, ecr, lambda_svc, s3

    routing.keep_failures_inside(apigateway_v1)
    bodies.take_untyped_bodies_for_json(apigateway_v1)
    subscriptions.match_terms_as_aws_does(cloudwatch_logs)
    subscriptions.deliver_in_batches(cloudwatch_logs, lambda_svc)
    endpoints.sign_urls_for_everybody(apigateway_v1, s3, os.environ["GATEWAY_PORT"])
    registry.miss_unknown_images(ecr)
    registry.authorise_named_repositories(iam_actions)
    registry.authorise_alias_calls(iam_actions)


def _fix_workers() -> None:
    from ministack.services import eventbridge, scheduler, sqs, stepfunctions
    from ministack.services.cloudformation import provisioners

    machines.run_distributed_maps_as_told(stepfunctions)
    queues.move_dead_letters_back(sqs)
    schedules.fire_schedules_as_aws_does(scheduler, eventbridge)
    schedules.keep_zones_of_templates(provisioners, scheduler)


if __name__ == "__main__":
    main()

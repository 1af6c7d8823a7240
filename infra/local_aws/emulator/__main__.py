"""Apply the fixes, then be MiniStack."""

import os
import random
import sys
from importlib import metadata

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
    from ministack.core import iam_actions, lambda_runtime, tls
    from ministack.services import (
        apigateway_v1,
        cloudwatch,
        cloudwatch_logs,
        ecr,
        eventbridge,
        lambda_svc,
        s3,
        scheduler,
        sqs,
        stepfunctions,
    )
    from ministack.services.cloudformation import provisioners

    check_version(metadata.version("ministack"))
    seed = os.environ.get("WHERRY_LOCAL_SEED")
    chance = random.Random(seed) if seed else random.SystemRandom()  # noqa: S311 (no secret)
    routing.route_by_alias_weights(lambda_svc, chance)
    routing.refuse_wrong_alias_routing(lambda_svc)
    routing.keep_failures_inside(apigateway_v1)
    metrics.count_invocations(lambda_svc, cloudwatch)
    subscriptions.match_terms_as_aws_does(cloudwatch_logs)
    subscriptions.deliver_in_batches(cloudwatch_logs, lambda_svc)
    logs.write_lines_as_lambda_does(lambda_svc, cloudwatch_logs)
    logs.read_all_of_a_containers_lines(lambda_svc)
    bodies.take_untyped_bodies_for_json(apigateway_v1)
    containers.keep_versions_apart(lambda_svc)
    containers.run_functions_as_lambda_does(lambda_svc)
    endpoints.sign_urls_for_everybody(apigateway_v1, s3, os.environ["GATEWAY_PORT"])
    errors.name_errors_by_their_class(lambda_svc, lambda_runtime)
    machines.run_distributed_maps_as_told(stepfunctions)
    queues.move_dead_letters_back(sqs)
    schedules.fire_schedules_as_aws_does(scheduler, eventbridge)
    schedules.keep_zones_of_templates(provisioners, scheduler)
    registry.miss_unknown_images(ecr)
    registry.authorise_named_repositories(iam_actions)
    registry.authorise_alias_calls(iam_actions)
    containers.let_functions_read_their_trust(tls)
    containers.stay_on_this_machine(app, lambda_svc)
    del os.environ["PYTHONPATH"]  # ours; a function has only what it brings
    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()

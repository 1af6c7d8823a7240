"""
Queue inference: messages in, one run of the model for all that came together, one result each.

It knows no broker: SQS, Amazon MQ, Kafka and AMQP bring their messages to the same core.
"""

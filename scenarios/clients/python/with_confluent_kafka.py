"""confluent-kafka (librdkafka) at its ordinary work, a verb at a time, on the brokers of $BROKERS:

create NAME PARTITIONS REPLICAS [SETTING=VALUE...]   a topic
alter NAME [SETTING=VALUE...]                        its settings, incrementally
describe NAME                                        its partitions, replicas and own settings
send NAME CODEC PARTITION                            lines of input, "KEY VALUE" each; PARTITION may be by-key
member NAME GROUP                                    reads as a member of a group until SIGINT, commits after each poll
group NAME                                           state and committed offsets of a group
delete NAME                                          the topic
"""
import os
import signal
import sys

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewTopic,
                                   ResourceType)

BROKERS = {"bootstrap.servers": os.environ.get("BROKERS", "localhost:9092")}


def settings(args):
    return dict(arg.split("=", 1) for arg in args)


def only(futures):
    """The one answer of a request about one thing."""
    (future,) = futures.values()
    return future.result(timeout=30)


def create(admin, name, partitions, replicas, *args):
    only(admin.create_topics([NewTopic(name, int(partitions), int(replicas), config=settings(args))]))


def alter(admin, name, *args):
    changes = [ConfigEntry(k, v, incremental_operation=AlterConfigOpType.SET) for k, v in settings(args).items()]
    only(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, name, incremental_configs=changes)]))


def describe(admin, name):
    topic = admin.list_topics(name, timeout=30).topics[name]
    for n, p in sorted(topic.partitions.items()):
        print(f"partition {n}, {len(p.replicas)} replicas, {len(p.isrs)} in sync")
    for key, entry in sorted(only(admin.describe_configs([ConfigResource(ResourceType.TOPIC, name)])).items()):
        if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value:
            print(f"{key}={entry.value}")


def delete(admin, name):
    only(admin.delete_topics([name]))


def group(admin, name):
    print(only(admin.describe_consumer_groups([name])).state.name.capitalize())
    told = only(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(name)]))
    for tp in sorted(told.topic_partitions, key=lambda tp: (tp.topic, tp.partition)):
        print(f"{tp.topic}-{tp.partition} committed {tp.offset}")


def send(name, codec, partition):
    producer = Producer({**BROKERS, "acks": "all", "enable.idempotence": True, "compression.type": codec})

    def told(error, record):
        if error:
            raise KafkaException(error)
        print(record.partition(), record.offset())

    for line in sys.stdin:
        key, value = line.rstrip("\n").split(" ", 1)
        where = {} if partition == "by-key" else {"partition": int(partition)}
        producer.produce(name, value, key, on_delivery=told, **where)
    if left := producer.flush(30):
        sys.exit(f"{left} records have no answer")


def member(name, group_id):
    consumer = Consumer({**BROKERS, "group.id": group_id, "auto.offset.reset": "earliest", "enable.auto.commit": False,
                         "heartbeat.interval.ms": 200})
    ended = []
    signal.signal(signal.SIGINT, lambda *_: ended.append(True))
    consumer.subscribe([name])
    while not ended:
        records = consumer.consume(500, timeout=0.2)
        for r in records:
            if r.error():
                raise KafkaException(r.error())
            print(r.partition(), r.key().decode(), r.value().decode(), flush=True)
        if records:
            consumer.commit(asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    verb, args = sys.argv[1], sys.argv[2:]
    if verb in ("send", "member"):
        {"send": send, "member": member}[verb](*args)
    else:
        verbs = {"create": create, "alter": alter, "describe": describe, "delete": delete, "group": group}
        verbs[verb](AdminClient(BROKERS), *args)

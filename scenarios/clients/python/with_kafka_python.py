"""kafka-python at its ordinary work, a verb at a time, on the brokers of $BROKERS:

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

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, KafkaAdminClient

BROKERS = os.environ.get("BROKERS", "localhost:9092").split(",")


def settings(args):
    return dict(arg.split("=", 1) for arg in args)


def create(admin, name, partitions, replicas, *args):
    admin.create_topics({name: {"num_partitions": int(partitions), "replication_factor": int(replicas),
                                "configs": settings(args)}})


def alter(admin, name, *args):
    admin.alter_configs([ConfigResource("TOPIC", name, settings(args))])


def describe(admin, name):
    (topic,) = admin.describe_topics([name])
    for p in sorted(topic["partitions"], key=lambda p: p["partition_index"]):
        print(f"partition {p['partition_index']}, {len(p['replica_nodes'])} replicas, {len(p['isr_nodes'])} in sync")
    told = admin.describe_configs([ConfigResource("TOPIC", name)], config_filter="all")["topic"][name]
    for key in sorted(told):
        if told[key]["config_source"] in (1, "DYNAMIC_TOPIC_CONFIG"):
            print(f"{key}={told[key]['value']}")


def delete(admin, name):
    admin.delete_topics([name])


def group(admin, name):
    print(admin.describe_groups([name])[name]["group_state"])
    for tp, at in sorted(admin.list_group_offsets({name: None})[name].items()):
        print(f"{tp.topic}-{tp.partition} committed {at.offset}")


def send(name, codec, partition):
    producer = KafkaProducer(bootstrap_servers=BROKERS, acks="all", compression_type=None if codec == "none" else codec)
    sent = []
    for line in sys.stdin:
        key, value = line.rstrip("\n").encode().split(b" ", 1)
        sent.append(producer.send(name, value, key, partition=None if partition == "by-key" else int(partition)))
    for future in sent:
        told = future.get(timeout=30)
        print(told.partition, told.offset)
    producer.close()


def member(name, group_id):
    consumer = KafkaConsumer(name, bootstrap_servers=BROKERS, group_id=group_id, auto_offset_reset="earliest",
                             enable_auto_commit=False, heartbeat_interval_ms=200)
    ended = []
    signal.signal(signal.SIGINT, lambda *_: ended.append(True))
    while not ended:
        polled = consumer.poll(timeout_ms=200)
        for tp, records in polled.items():
            for r in records:
                print(tp.partition, r.key.decode(), r.value.decode(), flush=True)
        if polled:
            consumer.commit()
    consumer.close()


if __name__ == "__main__":
    verb, args = sys.argv[1], sys.argv[2:]
    if verb in ("send", "member"):
        {"send": send, "member": member}[verb](*args)
    else:
        client = KafkaAdminClient(bootstrap_servers=BROKERS)
        {"create": create, "alter": alter, "describe": describe, "delete": delete, "group": group}[verb](client, *args)
        client.close()

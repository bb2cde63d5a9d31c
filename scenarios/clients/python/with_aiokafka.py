"""aiokafka at its ordinary work, a verb at a time, on the brokers of $BROKERS:

create NAME PARTITIONS REPLICAS [SETTING=VALUE...]   a topic
alter NAME [SETTING=VALUE...]                        all its settings anew
describe NAME                                        its partitions, replicas and own settings
send NAME CODEC PARTITION                            lines of input, "KEY VALUE" each; PARTITION may be by-key
member NAME GROUP                                    reads as a member of a group until SIGINT, commits after each poll
group NAME                                           state and committed offsets of a group
delete NAME                                          the topic
"""
import asyncio
import os
import signal
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

BROKERS = os.environ.get("BROKERS", "localhost:9092")


def settings(args):
    return dict(arg.split("=", 1) for arg in args)


def check(errors):
    for error in errors:
        if error[1]:
            raise for_code(error[1])(error)


async def create(admin, name, partitions, replicas, *args):
    topic = NewTopic(name, int(partitions), int(replicas), topic_configs=settings(args))
    check((await admin.create_topics([topic])).topic_errors)


async def alter(admin, name, *args):
    for told in await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings(args))]):
        for code, message, _, _ in told.resources:
            if code:
                raise for_code(code)(message)


async def describe(admin, name):
    (topic,) = await admin.describe_topics([name])
    for p in sorted(topic["partitions"], key=lambda p: p["partition"]):
        print(f"partition {p['partition']}, {len(p['replicas'])} replicas, {len(p['isr'])} in sync")
    (told,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    for code, message, _, _, entries in told.resources:
        if code:
            raise for_code(code)(message)
        for key, value, _, source, *_ in sorted(entries):
            if source == 1:  # of the topic itself
                print(f"{key}={value}")


async def delete(admin, name):
    check((await admin.delete_topics([name])).topic_error_codes)


async def group(admin, name):
    (told,) = await admin.describe_consumer_groups([name])
    print(told.groups[0][2])
    for tp, at in sorted((await admin.list_consumer_group_offsets(name)).items()):
        print(f"{tp.topic}-{tp.partition} committed {at.offset}")


async def send(name, codec, partition):
    producer = AIOKafkaProducer(bootstrap_servers=BROKERS, acks="all", enable_idempotence=True,
                                compression_type=None if codec == "none" else codec)
    await producer.start()
    sent = []
    for line in sys.stdin:
        key, value = line.rstrip("\n").encode().split(b" ", 1)
        sent.append(await producer.send(name, value, key, partition=None if partition == "by-key" else int(partition)))
    for told in await asyncio.gather(*sent):
        print(told.partition, told.offset)
    await producer.stop()


async def member(name, group_id):
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    consumer = AIOKafkaConsumer(name, bootstrap_servers=BROKERS, group_id=group_id, auto_offset_reset="earliest",
                                enable_auto_commit=False, heartbeat_interval_ms=200)
    await consumer.start()
    while not ended.is_set():
        polled = await consumer.getmany(timeout_ms=200)
        for tp, records in polled.items():
            for r in records:
                print(tp.partition, r.key.decode(), r.value.decode(), flush=True)
        if polled:
            await consumer.commit()
    await consumer.stop()


async def administer(verb, *args):
    admin = AIOKafkaAdminClient(bootstrap_servers=BROKERS)
    await admin.start()
    try:
        await {"create": create, "alter": alter, "describe": describe, "delete": delete, "group": group}[verb](admin, *args)
    finally:
        await admin.close()


if __name__ == "__main__":
    verb, args = sys.argv[1], sys.argv[2:]
    asyncio.run({"send": send, "member": member}[verb](*args) if verb in ("send", "member") else administer(verb, *args))

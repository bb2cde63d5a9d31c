// Prints partition, key and value of every record from the beginning, as a member of a group, and commits after each:
// `node read.js orders group-1`.
const { Kafka } = require('kafkajs');

async function run(topic, groupId) {
  const kafka = new Kafka({ clientId: 'myapp', brokers: (process.env.BROKERS || 'localhost:9092').split(',') });
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ partition, message }) => console.log(`${partition} ${message.key} ${message.value}`),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => consumer.disconnect().then(() => process.exit(0)));
  }
}

const [topic, groupId] = process.argv.slice(2);
run(topic, groupId).catch((err) => {
  console.error(err);
  process.exit(1);
});

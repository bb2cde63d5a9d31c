// Prints every name and its partition, from the beginning, as a member of group-1: `node consumer.js`.
const { Kafka } = require('kafkajs');

async function run() {
  const kafka = new Kafka({ clientId: 'myapp', brokers: (process.env.BROKERS || 'localhost:9092').split(',') });
  const consumer = kafka.consumer({ groupId: 'group-1' });
  await consumer.connect();
  await consumer.subscribe({ topics: ['users'], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => console.log(`${message.value} on partition ${partition}`),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => consumer.disconnect().then(() => process.exit(0)));
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});

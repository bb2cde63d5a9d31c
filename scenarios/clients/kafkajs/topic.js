// Creates the topic users with two partitions: `node topic.js`.
const { Kafka } = require('kafkajs');

async function run() {
  const kafka = new Kafka({ clientId: 'myapp', brokers: (process.env.BROKERS || 'localhost:9092').split(',') });
  const admin = kafka.admin();
  await admin.connect();
  const created = await admin.createTopics({ topics: [{ topic: 'users', numPartitions: 2 }] });
  console.log(created ? 'created' : 'was there already');
  await admin.disconnect();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});

// Sends a name: to partition 0 if it begins with A to M, to partition 1 otherwise: `node producer.js Alice`.
const { Kafka } = require('kafkajs');

async function run(name) {
  const kafka = new Kafka({ clientId: 'myapp', brokers: (process.env.BROKERS || 'localhost:9092').split(',') });
  const producer = kafka.producer();
  await producer.connect();
  const partition = name[0].toUpperCase() <= 'M' ? 0 : 1;
  const result = await producer.send({ topic: 'users', messages: [{ value: name, partition }] });
  console.log(JSON.stringify(result));
  await producer.disconnect();
}

if (!process.argv[2]) {
  console.error('usage: node producer.js NAME');
  process.exit(2);
}
run(process.argv[2]).catch((err) => {
  console.error(err);
  process.exit(1);
});

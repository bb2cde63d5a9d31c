// Sends messages given as JSON: `node send.js orders gzip 1 '[{"key":"a","value":"b"}]'`. The codec is none or gzip;
// the partition is a number, or by-key.
const { Kafka, CompressionTypes } = require('kafkajs');

async function run(topic, codec, partition, messages) {
  const kafka = new Kafka({ clientId: 'myapp', brokers: (process.env.BROKERS || 'localhost:9092').split(',') });
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    acks: -1,
    compression: codec === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
    messages: messages.map((m) => (partition === 'by-key' ? m : { ...m, partition: Number(partition) })),
  });
  await producer.disconnect();
}

const [topic, codec, partition, messages] = process.argv.slice(2);
run(topic, codec, partition, JSON.parse(messages)).catch((err) => {
  console.error(err);
  process.exit(1);
});

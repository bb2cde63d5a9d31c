package sandcastle;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends the lines of its input, each a key, a space and a value: `Send TOPIC CODEC PARTITION`, where PARTITION is a
 * number or by-key. Prints the partition and offset of each.
 */
public final class Send {
  public static void main(String[] args) throws Exception {
    String topic = args[0];
    Integer partition = args[2].equals("by-key") ? null : Integer.valueOf(args[2]);
    var settings = Brokers.settings("acks", "all", "enable.idempotence", "true", "compression.type", args[1]);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; ) {
        String[] kv = line.split(" ", 2);
        sent.add(producer.send(new ProducerRecord<>(topic, partition, kv[0], kv[1])));
      }
      for (Future<RecordMetadata> f : sent) System.out.println(f.get().partition() + " " + f.get().offset());
    }
  }

  private Send() {}
}

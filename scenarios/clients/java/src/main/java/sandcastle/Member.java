package sandcastle;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads a topic from the beginning as a member of a group: `Member TOPIC GROUP`. Prints partition, key and value of each
 * record, commits after each poll, and leaves on SIGINT.
 */
public final class Member {
  public static void main(String[] args) {
    var settings = Brokers.settings("group.id", args[1], "auto.offset.reset", "earliest", "enable.auto.commit", "false",
        "heartbeat.interval.ms", "200");
    var ended = new AtomicBoolean();
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      Brokers.onSignal(() -> {
        ended.set(true);
        consumer.wakeup();
      });
      consumer.subscribe(List.of(args[0]));
      while (!ended.get()) {
        var records = consumer.poll(Duration.ofSeconds(1));
        for (var r : records) System.out.println(r.partition() + " " + r.key() + " " + r.value());
        System.out.flush();
        if (!records.isEmpty()) consumer.commitSync();
      }
    } catch (WakeupException e) {
      if (!ended.get()) throw e;
    }
  }

  private Member() {}
}

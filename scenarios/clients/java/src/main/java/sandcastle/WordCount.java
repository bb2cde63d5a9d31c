package sandcastle;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts the words of a topic's values with Kafka Streams, until SIGINT: `WordCount APPLICATION INPUT OUTPUT
 * STATE-DIRECTORY`. It keeps its counts in a changelog topic and regroups by word through another one. Prints the states
 * that it goes through.
 */
public final class WordCount {
  public static void main(String[] args) throws Exception {
    var settings = Brokers.settings("application.id", args[0], "state.dir", args[3], "num.stream.threads", "2",
        "replication.factor", "3", "commit.interval.ms", "100", "auto.offset.reset", "earliest",
        "statestore.cache.max.bytes", "0", "default.key.serde", Serdes.StringSerde.class.getName(),
        "default.value.serde", Serdes.StringSerde.class.getName(), "consumer.heartbeat.interval.ms", "200",
        "consumer.session.timeout.ms", "6000"); // an ended application leaves its group when its session ends
    var builder = new StreamsBuilder();
    builder.<String, String>stream(args[1])
        .flatMapValues(line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split("\\W+")))
        .groupBy((key, word) -> word)
        .count()
        .toStream()
        .to(args[2], Produced.with(Serdes.String(), Serdes.Long()));
    var ended = new CountDownLatch(1);
    try (var streams = new KafkaStreams(builder.build(), settings)) {
      streams.setStateListener((now, before) -> {
        System.out.println(now);
        if (now == KafkaStreams.State.ERROR) ended.countDown();
      });
      Brokers.onSignal(ended::countDown);
      streams.start();
      ended.await();
    }
  }

  private WordCount() {}
}

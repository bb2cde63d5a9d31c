package sandcastle;

import java.util.Properties;

/** Where the brokers are: in $BROKERS, as HOST:PORT,HOST:PORT. */
final class Brokers {
  static Properties settings(String... namesAndValues) {
    Properties p = new Properties();
    p.put("bootstrap.servers", System.getenv().getOrDefault("BROKERS", "localhost:9092"));
    for (int i = 0; i < namesAndValues.length; i += 2) p.put(namesAndValues[i], namesAndValues[i + 1]);
    return p;
  }

  /** Has a program end in good order on SIGINT or SIGTERM: `end` asks it to, and its main thread is waited for. */
  static void onSignal(Runnable end) {
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      end.run();
      try {
        main.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }));
  }

  private Brokers() {}
}

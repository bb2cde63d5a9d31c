package sandcastle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * What Kafka's Admin can ask about topics and groups, a verb at a time:
 *
 *   Topics create NAME PARTITIONS REPLICAS [SETTING=VALUE...]   prints how it was created
 *   Topics describe NAME               partitions, replicas, and the settings of its own
 *   Topics alter NAME [OP:]SETTING=VALUE...   incremental; OP is set, append, subtract or delete
 *   Topics grow NAME PARTITIONS
 *   Topics offsets NAME                the first and the next offset of each partition
 *   Topics cut NAME-PARTITION OFFSET   deletes the records before it
 *   Topics group NAME                  state, members and committed offsets
 *   Topics forget GROUP                deletes a group
 *   Topics cluster                     brokers and their settings
 *   Topics list
 *   Topics delete NAME
 */
public final class Topics {
  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Brokers.settings())) {
      List<String> rest = Arrays.asList(args).subList(Math.min(2, args.length), args.length);
      switch (args[0]) {
        case "create": create(admin, args[1], rest); break;
        case "describe": describe(admin, args[1]); break;
        case "alter": alter(admin, args[1], rest); break;
        case "grow":
          admin.createPartitions(Map.of(args[1], NewPartitions.increaseTo(Integer.parseInt(args[2])))).all().get();
          break;
        case "offsets": offsets(admin, args[1]); break;
        case "cut": cut(admin, args[1], Long.parseLong(args[2])); break;
        case "group": group(admin, args[1]); break;
        case "forget": admin.deleteConsumerGroups(List.of(args[1])).all().get(); break;
        case "cluster": cluster(admin); break;
        case "list": admin.listTopics().names().get().stream().sorted().forEach(System.out::println); break;
        case "delete": admin.deleteTopics(List.of(args[1])).all().get(); break;
        default: throw new IllegalArgumentException("no verb " + args[0]);
      }
    }
  }

  private static void create(Admin admin, String name, List<String> args) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    for (String s : args.subList(2, args.size())) settings.put(s.split("=", 2)[0], s.split("=", 2)[1]);
    var topic = new NewTopic(name, Optional.of(Integer.valueOf(args.get(0))), Optional.of(Short.valueOf(args.get(1))));
    var created = admin.createTopics(List.of(topic.configs(settings)));
    System.out.printf("%d partitions, %d replicas, %d settings%n", created.numPartitions(name).get(),
        created.replicationFactor(name).get(), created.config(name).get().entries().size());
    own(created.config(name).get(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
  }

  private static void describe(Admin admin, String name) throws Exception {
    var topic = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
    for (var p : topic.partitions()) {
      if (!ids(p.isr()).contains(String.valueOf(p.leader().id()))) throw new IllegalStateException("leader not in sync");
      System.out.printf("partition %d, %d replicas, %d in sync%n", p.partition(), p.replicas().size(), p.isr().size());
    }
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    own(config, ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
  }

  /** Prints the settings that come from one source, in the order of their names. */
  private static void own(Config config, ConfigEntry.ConfigSource source) {
    config.entries().stream().filter(e -> e.source() == source).sorted(Comparator.comparing(ConfigEntry::name))
        .forEach(e -> System.out.println(e.name() + "=" + e.value()));
  }

  private static void alter(Admin admin, String name, List<String> changes) throws Exception {
    List<AlterConfigOp> ops = new ArrayList<>();
    for (String change : changes) {
      String[] op = (change.contains(":") ? change : "set:" + change).split(":", 2);
      String[] setting = (op[1] + "=").split("=", 3);
      ops.add(new AlterConfigOp(new ConfigEntry(setting[0], setting[1]),
          AlterConfigOp.OpType.valueOf(op[0].toUpperCase())));
    }
    admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, name), ops)).all().get();
  }

  private static void offsets(Admin admin, String name) throws Exception {
    var topic = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
    for (var p : topic.partitions()) {
      var tp = new TopicPartition(name, p.partition());
      var first = admin.listOffsets(Map.of(tp, OffsetSpec.earliest())).partitionResult(tp).get();
      var next = admin.listOffsets(Map.of(tp, OffsetSpec.latest())).partitionResult(tp).get();
      System.out.printf("%d: %d to %d%n", tp.partition(), first.offset(), next.offset());
    }
  }

  private static void cut(Admin admin, String partition, long before) throws Exception {
    int dash = partition.lastIndexOf('-');
    var tp = new TopicPartition(partition.substring(0, dash), Integer.parseInt(partition.substring(dash + 1)));
    var deleted = admin.deleteRecords(Map.of(tp, RecordsToDelete.beforeOffset(before)));
    System.out.println("begins at " + deleted.lowWatermarks().get(tp).get().lowWatermark());
  }

  private static void group(Admin admin, String name) throws Exception {
    var group = admin.describeConsumerGroups(List.of(name)).all().get().get(name);
    System.out.printf("%s, %d members, %s%n", group.state(), group.members().size(), group.partitionAssignor());
    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().entrySet().stream()
        .sorted(Comparator.comparing(e -> e.getKey().toString()))
        .forEach(e -> System.out.println(e.getKey() + " committed " + e.getValue().offset()));
  }

  private static void cluster(Admin admin) throws Exception {
    var nodes = admin.describeCluster().nodes().get();
    System.out.println("brokers " + String.join(",", ids(nodes)));
    for (Node node : nodes) {
      var resource = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
      own(admin.describeConfigs(List.of(resource)).all().get().get(resource),
          ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG);
    }
  }

  private static Set<String> ids(java.util.Collection<Node> nodes) {
    return nodes.stream().map(Node::idString).collect(Collectors.toCollection(java.util.TreeSet::new));
  }

  private Topics() {}
}

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.utils.Utils;

/** Reads message sets with Kafka's own classes, and writes some. */
public class MessageSets {
    public static void main(String[] args) throws Exception {
        Path dir = Paths.get(args[1]);
        if (args[0].equals("read")) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
                for (Path file : files) {
                    MemoryRecords set = MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(file)));
                    StringBuilder line = new StringBuilder(file.getFileName().toString());
                    for (MutableRecordBatch batch : set.batches()) {
                        batch.ensureValid();
                        for (org.apache.kafka.common.record.Record r : batch) {
                            r.ensureValid();
                            line.append(" ").append(r.offset()).append("@").append(r.timestamp()).append("=")
                                .append(r.hasKey() ? Utils.utf8(r.key()) : "null").append("/")
                                .append(r.hasValue() ? Utils.utf8(r.value()) : "null");
                        }
                    }
                    System.out.println(line);
                }
            }
            return;
        }
        for (byte magic = 0; magic <= 1; magic++) {
            for (CompressionType type : List.of(CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY,
                    CompressionType.LZ4)) {
                MemoryRecordsBuilder b = MemoryRecords.builder(ByteBuffer.allocate(4096), magic,
                    Compression.of(type).build(), TimestampType.CREATE_TIME, 40L);
                b.append(1000L, "k".getBytes(StandardCharsets.UTF_8), "alpha".getBytes(StandardCharsets.UTF_8));
                b.append(1001L, null, "beta".getBytes(StandardCharsets.UTF_8));
                b.append(1002L, "k".getBytes(StandardCharsets.UTF_8), null);
                ByteBuffer out = b.build().buffer();
                byte[] bytes = new byte[out.remaining()];
                out.get(bytes);
                Files.write(dir.resolve(magic + "-" + type.name), bytes);
            }
        }
    }
}

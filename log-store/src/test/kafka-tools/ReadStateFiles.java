import java.io.File;
import java.util.TreeMap;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.storage.internals.checkpoint.CleanShutdownFileHandler;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

/** Prints the small files of a log directory and of one partition as Kafka's own classes read them. */
public final class ReadStateFiles {
  public static void main(String[] args) throws Exception {
    File root = new File(args[0]);
    File partition = new File(root, args[1]);
    LogDirFailureChannel failures = new LogDirFailureChannel(1);
    for (String name : args[2].split(",")) {
      System.out.println(
          name + " " + new TreeMap<>(byName(new OffsetCheckpointFile(new File(root, name), failures))));
    }
    System.out.println(
        "epochs "
            + new LeaderEpochCheckpointFile(LeaderEpochCheckpointFile.newFile(partition), failures).read());
    System.out.println(
        "topicId "
            + new PartitionMetadataFile(PartitionMetadataFile.newFile(partition), failures).read().topicId());
    System.out.println(
        "brokerEpoch " + new CleanShutdownFileHandler(root.getPath()).read().getAsLong());
    System.out.println(
        new MetaProperties.Builder(
                PropertiesUtils.readPropertiesFile(new File(root, "meta.properties").getPath()))
            .build());
  }

  private static TreeMap<String, Long> byName(OffsetCheckpointFile file) {
    TreeMap<String, Long> offsets = new TreeMap<>();
    file.read().forEach((partition, offset) -> offsets.put(partition.toString(), offset));
    return offsets;
  }
}

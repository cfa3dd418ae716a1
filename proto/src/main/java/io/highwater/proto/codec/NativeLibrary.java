package io.highwater.proto.codec;

import com.github.luben.zstd.util.Native;
import com.github.luben.zstd.util.ZstdVersion;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.xerial.snappy.OSInfo;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;
import org.xerial.snappy.SnappyLoader;

/**
 * A codec's library that is no Java. It is unpacked into {@code highwater-<user>} in the temporary
 * directory and used from there by every later process, so that killed ones leave nothing behind;
 * the libraries' own way is a new file for each process. Where that does not go, theirs is tried.
 * Any thread.
 *
 * <p>lz4-java is not among them: it lets nobody say where its library is, sweeps what it unpacked
 * before, and goes on in Java without.
 */
@SuppressWarnings("ImmutableEnumChecker") // A library loads once per process, and so is known.
public enum NativeLibrary {
  /** zstd-jni. */
  ZSTD("ZstdNativePath") {
    @Override
    void prepare(Path directory) throws IOException {
      String name = "libzstd-jni-" + ZstdVersion.VERSION + ".so";
      String resource = "/linux/" + architecture() + "/" + name;
      System.setProperty(
          pathProperty(), unpack(Native.class, resource, directory, name).toString());
    }

    @Override
    void load() {
      Native.load();
    }
  },
  /** snappy-java. */
  SNAPPY("org.xerial.snappy.lib.path") {
    @Override
    void prepare(Path directory) throws IOException {
      String resource =
          "/org/xerial/snappy/native/"
              + OSInfo.getNativeLibFolderPathForCurrentOS()
              + "/libsnappyjava.so";
      String name = "libsnappyjava-" + SnappyLoader.getVersion() + ".so";
      unpack(Snappy.class, resource, directory, name);
      System.setProperty("org.xerial.snappy.lib.name", name);
      System.setProperty(pathProperty(), directory.toString());
    }

    @Override
    void load() {
      Snappy.maxCompressedLength(1);
    }
  };

  /** A broker that runs in this process, and who hears there of a library that does not load. */
  private record Host(String broker, Consumer<String> log) {}

  private static volatile Host host;

  private final String pathProperty;
  private boolean tried;
  private Failure failure;
  private boolean isLogged;

  /**
   * @param pathProperty where the library looks for its native part before it unpacks it
   */
  NativeLibrary(String pathProperty) {
    this.pathProperty = pathProperty;
  }

  String pathProperty() {
    return pathProperty;
  }

  /** Unpacks the native part and says where it is. */
  abstract void prepare(Path directory) throws IOException;

  abstract void load();

  /**
   * Says for the rest of this process that a broker runs in it: what does not load is then told to
   * its clients as the broker's affair, lest they look for it on their side.
   *
   * @param broker its name, for people
   * @param log hears once per library that it does not load, and what to do; also when that was
   *     found before
   */
  public static void hostedBy(String broker, Consumer<String> log) {
    host = new Host(broker, log);
    for (NativeLibrary library : values()) {
      library.log();
    }
  }

  /**
   * Makes sure that the codec can be used.
   *
   * @throws HighwaterException UNSUPPORTED_COMPRESSION_TYPE, naming library and directory, and the
   *     broker where it is one's, when its native part does not load; each time, since it never
   *     will in this process
   */
  public synchronized void require() {
    if (!tried) {
      tried = true;
      failure = failure();
      log();
    }
    if (failure != null) {
      Host owner = host;
      throw new HighwaterException(
          ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
          owner == null ? failure.toSelf() : failure.toClientOf(owner.broker));
    }
  }

  private synchronized void log() {
    Host owner = host;
    if (failure != null && owner != null && !isLogged) {
      isLogged = true;
      owner.log.accept(failure.toOperator());
    }
  }

  /**
   * Why a library does not load, for those who may mend it and those who may not.
   *
   * @param what does not load, and from where
   * @param reason as the system gives it
   */
  private record Failure(String what, String reason) {
    String toSelf() {
      return what + "; name another one with -Djava.io.tmpdir=DIR (" + reason + ")";
    }

    String toClientOf(String broker) {
      return "on "
          + broker
          + ", not on the client, "
          + what
          + "; whoever runs the broker has to start it with another one (its log says how; "
          + reason
          + ")";
    }

    String toOperator() {
      return what
          + ": batches of that codec are refused and cannot be looked into here until the broker"
          + " is started with -Djava.io.tmpdir=DIR in HIGHWATER_JAVA_OPTS, naming another one ("
          + reason
          + ")";
    }
  }

  private Failure failure() {
    String temporary = System.getProperty("java.io.tmpdir");
    try {
      if (System.getProperty(pathProperty) == null) {
        prepareIn(Path.of(temporary));
      }
      load();
      return null;
    } catch (LinkageError | SnappyError | RuntimeException e) {
      return new Failure(
          "the native library of codec "
              + name().toLowerCase(Locale.ROOT)
              + " does not load from "
              + temporary
              + ", which must be writable and allow execution (no 'noexec' mount)",
          String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** What cannot be unpacked here the library unpacks itself, or says why it cannot. */
  private void prepareIn(Path temporary) {
    try {
      if (System.getProperty("os.name").equals("Linux")) {
        prepare(own(temporary.resolve("highwater-" + System.getProperty("user.name"))));
      }
    } catch (IOException | UnsupportedOperationException e) {
      System.clearProperty(pathProperty);
    }
  }

  /** A directory that nobody else can have put a library into. */
  private static Path own(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path probe = Files.createTempFile(directory, "owner", "");
    boolean own =
        Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe));
    Files.delete(probe);
    Set<PosixFilePermission> others = PosixFilePermissions.fromString("----w--w-");
    if (!own
        || Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS).stream()
            .anyMatch(others::contains)) {
      throw new IOException(directory + " is not only ours");
    }
    return directory;
  }

  /** The file that holds the resource, from now on or already. */
  private static Path unpack(Class<?> library, String resource, Path directory, String name)
      throws IOException {
    byte[] content;
    try (InputStream in = library.getResourceAsStream(resource)) {
      if (in == null) {
        throw new NoSuchFileException(resource);
      }
      content = in.readAllBytes();
    }
    Path file = directory.resolve(name);
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
      Path fresh = Files.createTempFile(directory, name, ".new");
      Files.write(fresh, content);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("x86_64") ? "amd64" : name;
  }
}

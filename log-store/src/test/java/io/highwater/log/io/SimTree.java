package io.highwater.log.io;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The names of a simulated file system: as they are, and as the disk would have them after a loss
 * of power. Under the storage's monitor.
 */
final class SimTree {
  private final Map<Path, SimInode> names = new TreeMap<>();
  private final Map<Path, SimInode> durableNames = new TreeMap<>();
  private final Set<Path> directories = new TreeSet<>();
  private final Set<Path> durableDirectories = new TreeSet<>();

  /** All files. */
  Map<Path, SimInode> files() {
    return names;
  }

  /** The file of that name, or null. */
  SimInode file(Path path) {
    return names.get(path);
  }

  boolean isDirectory(Path path) {
    return directories.contains(path);
  }

  /** A new file, which is not durable before its directory is. */
  SimInode create(Path path) {
    SimInode inode = new SimInode();
    names.put(path, inode);
    return inode;
  }

  /** The file of that name, made if need be, durable. */
  SimInode durable(Path path) {
    SimInode inode = names.computeIfAbsent(path, unused -> new SimInode());
    durableNames.put(path, inode);
    return inode;
  }

  /** Whether there was no such directory. */
  boolean addDirectory(Path path) {
    return directories.add(path);
  }

  /** Coarser than life: a directory is durable when made. */
  void keepDirectory(Path path) {
    durableDirectories.add(path);
  }

  /** Makes the directories of another tree. */
  void addDirectories(SimTree other) {
    directories.addAll(other.directories);
    durableDirectories.addAll(other.directories);
  }

  List<String> list(Path directory) throws IOException {
    if (!directories.contains(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    TreeSet<String> found = new TreeSet<>();
    addChildren(directory, names.keySet(), found);
    addChildren(directory, directories, found);
    return new ArrayList<>(found);
  }

  private static void addChildren(Path directory, Collection<Path> paths, Set<String> found) {
    for (Path path : paths) {
      if (directory.equals(path.getParent())) {
        found.add(path.getFileName().toString());
      }
    }
  }

  void rename(Path from, Path to) throws IOException {
    if (directories.contains(from)) {
      move(names, from, to);
      move(durableNames, from, to);
      for (Path path : new ArrayList<>(directories)) {
        if (path.startsWith(from)) {
          directories.remove(path);
          durableDirectories.remove(path);
          directories.add(to.resolve(from.relativize(path)));
          durableDirectories.add(to.resolve(from.relativize(path)));
        }
      }
      return;
    }
    SimInode inode = names.remove(from);
    if (inode == null) {
      throw new NoSuchFileException(from.toString());
    }
    names.put(to, inode);
  }

  private static void move(Map<Path, SimInode> map, Path from, Path to) {
    for (Path path : new ArrayList<>(map.keySet())) {
      if (path.startsWith(from)) {
        map.put(to.resolve(from.relativize(path)), map.remove(path));
      }
    }
  }

  /**
   * Fails unless what is there, if anything, may be deleted.
   *
   * @return whether there is anything
   */
  boolean isDeletable(Path path) throws IOException {
    if (directories.contains(path) && !list(path).isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    return directories.contains(path) || names.containsKey(path);
  }

  void delete(Path path) {
    if (directories.remove(path)) {
      durableDirectories.remove(path);
    } else {
      names.remove(path);
    }
  }

  /** Makes the names in a directory durable. */
  void sync(Path directory) {
    durableNames.keySet().removeIf(path -> directory.equals(path.getParent()));
    names.forEach(
        (path, inode) -> {
          if (directory.equals(path.getParent())) {
            durableNames.put(path, inode);
          }
        });
  }

  /**
   * The power fails.
   *
   * @param forget whether names that are not durable are gone
   * @return all files that are left, each once
   */
  Set<SimInode> losePower(boolean forget) {
    if (forget) {
      names.clear();
      names.putAll(durableNames);
      directories.clear();
      directories.addAll(durableDirectories);
    }
    durableNames.clear();
    durableNames.putAll(names);
    durableDirectories.clear();
    durableDirectories.addAll(directories);
    return new LinkedHashSet<>(names.values());
  }
}

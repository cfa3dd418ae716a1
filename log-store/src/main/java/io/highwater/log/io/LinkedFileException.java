package io.highwater.log.io;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A symbolic link where a file is due: it is not followed (STO-12). No fault of the disk. */
public final class LinkedFileException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  /** Names the link. */
  public LinkedFileException(Path link) {
    super(link.toString(), null, "it is a link, which is not followed");
  }
}

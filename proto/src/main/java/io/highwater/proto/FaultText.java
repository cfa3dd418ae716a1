package io.highwater.proto;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why an operation on a file or a connection failed, in words for people. */
public final class FaultText {
  private FaultText() {}

  /** What the failure says, without names of Java's where it says enough. */
  public static String of(Throwable failure) {
    Throwable fault =
        failure instanceof UncheckedIOException unchecked ? unchecked.getCause() : failure;
    String message = fault.getMessage();
    if (message == null || message.isBlank()) {
      return fault.toString();
    }
    if (fault instanceof FileSystemException named && named.getReason() == null) {
      return message + ": " + reason(named);
    }
    return fault instanceof IOException || fault instanceof HighwaterException
        ? message
        : fault.toString();
  }

  /** Java says it by the name of the class alone. */
  private static String reason(FileSystemException fault) {
    if (fault instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (fault instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (fault instanceof FileAlreadyExistsException) {
      return "is there already";
    }
    if (fault instanceof NotDirectoryException) {
      return "is no directory";
    }
    return fault instanceof DirectoryNotEmptyException
        ? "is not empty"
        : fault.getClass().getSimpleName();
  }
}

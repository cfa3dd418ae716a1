package io.highwater.client.cli;

import java.io.IOException;
import java.io.InputStream;

/** The lines of an input as records without a key. */
final class InputLines implements RecordSource {
  private final LineReader lines;
  private final long inputBytes;
  private final long maxLines;
  private byte[] line;

  /**
   * @param in the input; the caller closes it
   * @param inputBytes its length, for {@link #progress()}
   * @param maxLineBytes longest line
   * @param maxLines how many lines are taken at most
   */
  InputLines(InputStream in, long inputBytes, int maxLineBytes, long maxLines) {
    this.lines = new LineReader(in, maxLineBytes);
    this.inputBytes = inputBytes;
    this.maxLines = maxLines;
  }

  @Override
  public boolean next() throws IOException {
    line = lines.lineNumber() < maxLines ? lines.next() : null;
    return line != null;
  }

  @Override
  public byte[] key() {
    return null;
  }

  @Override
  public byte[] value() {
    return line;
  }

  @Override
  public double progress() {
    return inputBytes == 0 ? 1 : Math.min(1, (double) lines.nextPosition() / inputBytes);
  }
}

package io.highwater.perf.load;

import java.io.IOException;

/** Runs one spec in this process. {@link #stop} may be called from any thread. */
public final class LoadRun {
  private final LoadSpec spec;
  private final LoadTarget target;
  private final LoadObserver observer;
  private final StopSignal stop = new StopSignal();

  /**
   * @param target closed by {@link #run}
   */
  public LoadRun(LoadSpec spec, LoadTarget target, LoadObserver observer) {
    this.spec = spec;
    this.target = target;
    this.observer = observer;
  }

  /**
   * The target that a spec names.
   *
   * @throws IllegalArgumentException when there is no such class, or it is no target
   */
  public static LoadTarget targetOf(LoadSpec spec) {
    try {
      return Class.forName(spec.target())
          .asSubclass(LoadTarget.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException("'" + spec.target() + "' is no target: " + e, e);
    }
  }

  /**
   * Runs until the spec is done, {@link #stop} is called or a record fails.
   *
   * @return what came of it; failures are in it
   * @throws IOException when a payload file cannot be read or a log not be written
   * @throws IllegalArgumentException when a client does not take a setting
   */
  public LoadResult run() throws IOException {
    try (target) {
      return switch (spec.kind()) {
        case PRODUCE -> new ProduceRun(spec, target, observer, stop).run();
        case CONSUME -> new ConsumeRun(spec, target, observer, stop).run();
        case END_TO_END -> new EndToEndRun(spec, target, observer, stop).run();
      };
    }
  }

  /** Ends the run early: what has been sent is still waited for, what came so far is told. */
  public void stop() {
    stop.set();
  }
}

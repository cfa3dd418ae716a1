package io.highwater.perf.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Time, threads, randomness and files come in through seams, so that the simulation can own them.
 * What is wired to the real world is named here, package by package.
 */
@AnalyzeClasses(packages = "io.highwater", importOptions = ImportOption.DoNotIncludeTests.class)
final class SeamsTest {

  private static final String[] SIMULATED = {
    "io.highwater.proto",
    "io.highwater.proto.record..",
    "io.highwater.log..",
    "io.highwater.replication",
    "io.highwater.replication.core..",
    "io.highwater.replication.leader..",
    "io.highwater.replication.follower..",
    "io.highwater.replication.control",
    "io.highwater.replication.control.session"
  };

  @ArchTest
  static final ArchRule noSimulatedCodeReadsAClock =
      noClasses()
          .that()
          .resideInAnyPackage(SIMULATED)
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.time\\.Clock|org\\.agrona\\.concurrent\\.System(Nano|Epoch).*Clock");

  @ArchTest
  static final ArchRule noSimulatedCodeStartsThreads =
      noClasses()
          .that()
          .resideInAnyPackage(SIMULATED)
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.lang\\.Thread|java\\.util\\.Timer|java\\.util\\.concurrent\\.Executors"
                  + "|java\\.util\\.concurrent\\.(Scheduled)?ThreadPoolExecutor");

  @ArchTest
  static final ArchRule noSimulatedCodeDrawsItsOwnRandomness =
      noClasses()
          .that()
          .resideInAnyPackage(SIMULATED)
          .should()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callConstructor(Random.class)
          .orShould()
          .dependOnClassesThat(are(assignableTo(ThreadLocalRandom.class)));

  @ArchTest
  static final ArchRule filesAreTouchedOnlyBehindTheStorageSeam =
      noClasses()
          .that()
          .resideInAnyPackage(SIMULATED)
          .and()
          .doNotHaveFullyQualifiedName("io.highwater.log.io.FileStorage")
          .and()
          .resideOutsideOfPackage("io.highwater.log.io..")
          .should()
          .dependOnClassesThat(are(assignableTo(Files.class)))
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.nio\\.channels\\.FileChannel|java\\.io\\.RandomAccessFile");

  @ArchTest
  static final ArchRule nothingIsWrittenThroughAMapping =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.nio\\.MappedByteBuffer|java\\.lang\\.foreign\\..*");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.highwater.proto.v1..", "io.highwater.proto.internal..")
          .should()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Impl");

  /** Else digits come in the script of whoever started the process. */
  @ArchTest
  static final ArchRule textsAreFormattedForNoLocale =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.highwater.perf..")
          .should()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "format", String.class, Object[].class);

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.highwater.server.cli..", "io.highwater.perf..")
          .should()
          .callMethod(System.class, "exit", int.class);
}

package io.highwater.perf.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom: the table in ARCHITECTURE.md, as a test. */
@AnalyzeClasses(packages = "io.highwater", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModuleBoundariesTest {

  private static final String PROTO = "io.highwater.proto..";
  private static final String LOG = "io.highwater.log..";
  private static final String REPLICATION = "io.highwater.replication..";
  private static final String CLIENT = "io.highwater.client..";
  private static final String CLIENT_CLI = "io.highwater.client.cli..";
  private static final String SERVER = "io.highwater.server..";
  private static final String PERF = "io.highwater.perf..";
  private static final String LOAD = "io.highwater.perf.load..";

  @ArchTest
  static final ArchRule protoSeesNobodyOfOurs =
      noClasses()
          .that()
          .resideInAPackage(PROTO)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(LOG, REPLICATION, CLIENT, SERVER, PERF);

  @ArchTest
  static final ArchRule logStoreSeesOnlyTheHandWrittenPartsOfProto =
      classes()
          .that()
          .resideInAPackage(LOG)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              LOG,
              "io.highwater.proto",
              "io.highwater.proto.record",
              "java..",
              "org.agrona..",
              "org.slf4j..");

  @ArchTest
  static final ArchRule replicationSeesLogStoreAndProto =
      noClasses()
          .that()
          .resideInAPackage(REPLICATION)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CLIENT, SERVER, PERF);

  @ArchTest
  static final ArchRule clientSeesOnlyProto =
      noClasses()
          .that()
          .resideInAPackage(CLIENT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(LOG, REPLICATION, SERVER, PERF);

  @ArchTest
  static final ArchRule serverSeesOnlyTheCommandLineOfTheClient =
      noClasses()
          .that()
          .resideInAPackage(SERVER)
          .should()
          .dependOnClassesThat(resideInAPackage(CLIENT).and(resideOutsideOfPackage(CLIENT_CLI)));

  @ArchTest
  static final ArchRule nobodySeesPerf =
      noClasses()
          .that()
          .resideOutsideOfPackage(PERF)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PERF);

  @ArchTest
  static final ArchRule loadGeneratorsAreTheSameForEverySystem =
      noClasses()
          .that()
          .resideInAPackage(LOAD)
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.highwater..").and(resideOutsideOfPackage(LOAD)));

  @ArchTest
  static final ArchRule theReplicationCoreIsPure =
      classes()
          .that()
          .resideInAPackage("io.highwater.replication.core..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.highwater.replication.core..",
              "io.highwater.proto",
              "java.lang..",
              "java.util",
              "java.util.function..",
              "org.agrona.collections..");

  @ArchTest
  static final ArchRule consensusStaysBehindItsSeam =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.highwater.replication.ratis..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.ratis..");

  @ArchTest
  static final ArchRule grpcStaysAtTheEdgesOfReplication =
      noClasses()
          .that()
          .resideInAPackage(REPLICATION)
          .and()
          .resideOutsideOfPackage("..grpc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.grpc..", "io.netty..");

  @ArchTest
  static final ArchRule packagesOfAModuleFormNoCycle =
      slices().matching("io.highwater.(*)..").should().beFreeOfCycles();
}

package io.dbbackup.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.Operation;
import io.dbbackup.service.run.SealOutcome;
import jakarta.inject.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** WildFly only logs a malformed job XML at deployment, and a wrong reference fails in the middle of a run. */
class JobXmlTest {
    private static final Path JOBS = Path.of("src/main/resources/META-INF/batch-jobs");
    private static final Path ARTIFACTS = Path.of("src/main/java/io/dbbackup/batch");

    @ParameterizedTest
    @EnumSource(Operation.class)
    void the_job_of_an_operation_has_its_name(Operation operation) throws Exception {
        Element job = job(operation).getDocumentElement();

        assertThat(job.getAttribute("id")).isEqualTo(operation.jobName());
        assertThat(job.getAttribute("restartable")).isEqualTo("true");
    }

    @Test
    void there_is_no_job_without_an_operation() throws IOException {
        List<String> expected =
                Arrays.stream(Operation.values()).map(o -> o.jobName() + ".xml").sorted().toList();
        try (Stream<Path> files = Files.list(JOBS)) {
            assertThat(files.map(f -> f.getFileName().toString()).sorted()).containsExactlyElementsOf(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void every_reference_names_a_bean(Operation operation) throws Exception {
        Set<String> beans = beans();

        for (Element element : elements(job(operation), "*")) {
            if (element.hasAttribute("ref")) {
                assertThat(beans).contains(element.getAttribute("ref"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void every_transition_leads_to_a_step(Operation operation) throws Exception {
        Document job = job(operation);
        List<String> steps = elements(job, "step").stream().map(s -> s.getAttribute("id")).toList();

        assertThat(elements(job, "next")).allSatisfy(next -> assertThat(steps).contains(next.getAttribute("to")));
        assertThat(elements(job, "stop")).allSatisfy(stop -> assertThat(steps).contains(stop.getAttribute("restart")));
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void the_last_step_has_an_end_for_every_outcome_of_the_seal(Operation operation) throws Exception {
        List<Element> steps = elements(job(operation), "step");
        Element seal = steps.get(steps.size() - 1);
        Set<String> handled = new TreeSet<>();
        for (String kind : List.of("end", "stop", "fail")) {
            NodeList transitions = seal.getElementsByTagName(kind);
            for (int i = 0; i < transitions.getLength(); i++) {
                handled.add(((Element) transitions.item(i)).getAttribute("on"));
            }
        }

        assertThat(handled)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(SealOutcome.Result.values())
                                // the one that is no end
                                .filter(result -> result != SealOutcome.Result.MORE)
                                .map(Enum::name)
                                .toList());
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void the_header_says_purpose_parameters_restart_and_ends(Operation operation) throws IOException {
        String text = Files.readString(JOBS.resolve(operation.jobName() + ".xml"));

        assertThat(text.substring(0, text.indexOf("<job"))).contains("Parameters:", "Restart:", "Ends:");
    }

    private static Document job(Operation operation) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(JOBS.resolve(operation.jobName() + ".xml").toFile());
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagNameNS("*", name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    /** Names of the artifacts, by the convention that a bean without a name has its class's, decapitalised. */
    private static Set<String> beans() throws Exception {
        Set<String> beans = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ARTIFACTS)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                String simple = file.getFileName().toString().replace(".java", "");
                String type = "io.dbbackup.batch." + ARTIFACTS.relativize(file).toString().replace('/', '.').replace(".java", "");
                if (!simple.equals("package-info")
                        && Class.forName(type, false, JobXmlTest.class.getClassLoader()).isAnnotationPresent(Named.class)) {
                    beans.add(simple.substring(0, 1).toLowerCase(Locale.ROOT) + simple.substring(1));
                }
            }
        }
        return beans;
    }
}

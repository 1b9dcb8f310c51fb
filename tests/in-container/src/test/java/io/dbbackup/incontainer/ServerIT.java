package io.dbbackup.incontainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.as.arquillian.container.ManagementClient;
import org.jboss.as.controller.client.helpers.Operations;
import org.jboss.dmr.ModelNode;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ArquillianExtension.class)
@RunAsClient
class ServerIT {
    private static final List<String> MODULES = List.of("ejb.jar", "batch-jobs.jar", "war.war");

    @ArquillianResource
    private ManagementClient management;

    @Deployment(testable = false)
    static EnterpriseArchive the_ear_as_it_is_shipped() {
        return ShrinkWrap.createFromZipFile(EnterpriseArchive.class, new File(System.getProperty("dbbackup.test.ear")));
    }

    @Test
    void the_deployment_is_up() throws IOException {
        ModelNode operation = Operations.createReadAttributeOperation(deployment(), "status");
        assertThat(result(operation).asString()).isEqualTo("OK");
    }

    @Test
    void readiness_and_liveness_are_up_without_an_account() throws Exception {
        for (String check : List.of("/health/ready", "/health/live")) {
            HttpResponse<String> answer = Http.management("GET", check, null, "");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"status\":\"UP\"");
        }
    }

    @Test
    void the_first_answer_over_a_connection_arrives_whole_at_clients_that_offer_http2() throws Exception {
        for (int i = 0; i < 100; i++) { // with HTTP/2 about every tenth never ended
            HttpResponse<String> answer = Http.first("/openapi", Http.as("viewer"));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).as("larger than one read of the client").hasSizeGreaterThan(32 * 1024);
        }
        assertThat(Http.first("/openapi", Http.as("viewer")).version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void catalog_and_job_repository_share_one_jta_datasource_that_is_no_xa_datasource() throws IOException {
        ModelNode batch = ModelNode.fromString("[(\"subsystem\" => \"batch-jberet\")]");
        String repository = read(batch, "default-job-repository").asString();
        assertThat(read(batch.clone().add("jdbc-job-repository", repository), "data-source").asString()).isEqualTo("CatalogDS");

        ModelNode datasource = ModelNode.fromString("[(\"subsystem\" => \"datasources\"),(\"data-source\" => \"CatalogDS\")]");
        assertThat(read(datasource, "jta").asBoolean()).isTrue();
        assertThat(read(datasource, "jndi-name").asString()).isEqualTo("java:jboss/datasources/CatalogDS");
        result(Operations.createOperation("test-connection-in-pool", datasource));

        ModelNode distributed = Operations.createOperation(
                "read-children-names", ModelNode.fromString("[(\"subsystem\" => \"datasources\")]"));
        distributed.get("child-type").set("xa-data-source");
        assertThat(result(distributed).asList()).isEmpty();
    }

    @Test
    void the_profile_decides_which_database_it_is() throws Exception {
        if (System.getProperty("dbbackup.test.profile").equals("embedded")) {
            assertThat(Path.of(System.getProperty("dbbackup.test.base"), "data", "catalog", "catalog.mv.db")).isNotEmptyFile();
        } else {
            assertThat(tablesOfPostgresql()).contains("job_execution", "partition_execution", "work_item");
        }
    }

    @Test
    void every_job_is_listed_exactly_once_and_by_the_module_that_owns_it() throws Exception {
        List<String> listed = new ArrayList<>();
        for (String module : MODULES) {
            listed.addAll(jobsOf(module));
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(jobXmlFiles());
        assertThat(jobsOf("batch-jobs.jar")).hasSameElementsAs(listed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"})
    void nobody_gets_in_without_an_account_whatever_the_verb(String verb) throws Exception {
        for (String path : List.of("/", "/api/v1/runs", "/nothing-here")) {
            assertThat(Http.application(verb, path, null).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(Http.application(verb, "/", Http.basic("admin", "wrong")).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "operator", "admin"})
    void every_role_gets_in_with_its_password(String role) throws Exception {
        assertThat(Http.application("GET", "/", Http.as(role)).statusCode()).isNotEqualTo(401);
    }

    @Test
    void the_same_accounts_have_the_fitting_rights_in_the_management_console() throws Exception {
        String whoami = "{\"operation\":\"whoami\",\"verbose\":true}";
        assertThat(Http.operation("viewer", whoami)).contains("\"mapped-roles\" : [\"Monitor\"]");
        assertThat(Http.operation("operator", whoami)).contains("\"mapped-roles\" : [\"Operator\"]");
        assertThat(Http.operation("admin", whoami)).contains("\"mapped-roles\" : [\"SuperUser\"]");

        String change = "{\"operation\":\"write-attribute\",\"address\":[\"subsystem\",\"batch-jberet\"],"
                + "\"name\":\"restart-jobs-on-resume\",\"value\":false}";
        assertThat(Http.operation("viewer", change)).contains("WFLYCTL0313");
        assertThat(Http.operation("operator", change)).contains("WFLYCTL0313");
        assertThat(Http.operation("admin", change)).contains("\"outcome\" : \"success\"");
    }

    @Test
    void an_operator_may_start_a_job_from_the_management_console_and_a_viewer_may_not() throws Exception {
        String start = "{\"operation\":\"start-job\",\"job-xml-name\":\"retention\",\"properties\":{\"source\":\"no-such-source\"},"
                + "\"address\":[\"deployment\",\"dbbackup.ear\",\"subdeployment\",\"batch-jobs.jar\",\"subsystem\",\"batch-jberet\"]}";
        assertThat(Http.operation("viewer", start)).contains("WFLYCTL0313");
        assertThat(Http.operation("operator", start)).doesNotContain("WFLYCTL0313");
    }

    @Test
    void metrics_are_served_to_accounts_only() throws Exception {
        assertThat(Http.management("GET", "/metrics", null, "").statusCode()).isEqualTo(401);
        assertThat(Http.management("GET", "/metrics", Http.as("viewer"), "").body()).contains("batch_jberet_active_count");
    }

    @Test
    void the_log_holds_no_error_and_no_password() throws IOException {
        String log = Files.readString(Path.of(System.getProperty("dbbackup.test.base"), "log", "server.log"));
        // a management operation that is refused is an error there too, and some tests want it refused
        assertThat(log.lines().filter(line -> line.contains(" ERROR ") && !line.contains("management-operation"))).isEmpty();
        for (String name : List.of("catalog.password", "password.admin", "password.operator", "password.viewer")) {
            String secret = System.getProperty("dbbackup.test." + name);
            assertThat(secret == null || !log.contains(secret)).as(name).isTrue();
        }
    }

    private List<String> jobsOf(String module) throws IOException {
        ModelNode address = deployment().add("subdeployment", module).add("subsystem", "batch-jberet");
        ModelNode answer = management.getControllerClient()
                .execute(Operations.createReadAttributeOperation(address, "job-xml-names"));
        return Operations.isSuccessfulOutcome(answer) && Operations.readResult(answer).isDefined()
                ? Operations.readResult(answer).asList().stream().map(ModelNode::asString).toList()
                : List.of();
    }

    private static List<String> jobXmlFiles() throws IOException {
        Path folder = Path.of(System.getProperty("dbbackup.test.server"),
                "../../../batch-jobs/src/main/resources/META-INF/batch-jobs");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".xml")).toList();
        }
    }

    private static List<String> tablesOfPostgresql() throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(System.getProperty("dbbackup.test.catalog.url"),
                        System.getProperty("dbbackup.test.catalog.user"),
                        System.getProperty("dbbackup.test.catalog.password"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select relname from pg_class where relkind = 'r'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    private static ModelNode deployment() {
        return ModelNode.fromString("[(\"deployment\" => \"dbbackup.ear\")]");
    }

    private ModelNode read(ModelNode address, String attribute) throws IOException {
        return result(Operations.createReadAttributeOperation(address, attribute));
    }

    private ModelNode result(ModelNode operation) throws IOException {
        ModelNode answer = management.getControllerClient().execute(operation);
        assertThat(Operations.isSuccessfulOutcome(answer)).as(answer.toString()).isTrue();
        return Operations.readResult(answer);
    }
}

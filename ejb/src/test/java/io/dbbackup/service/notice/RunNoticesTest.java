package io.dbbackup.service.notice;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.dbbackup.catalog.CatalogFixture;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ChannelConfig;
import io.dbbackup.model.ChannelConfig.When;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.notify.mail.TestMail;
import io.dbbackup.service.run.RunEnded;
import io.dbbackup.service.run.RunFixture;
import jakarta.mail.internet.MimeMessage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The catalog as it is, and a real SMTP server. */
class RunNoticesTest {
    private static final RunDraft DRAFT = new RunDraft(
            Operation.BACKUP, "back up Ünïcode shop", Optional.of("shop"), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

    private final GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private final CatalogFixture catalog = new CatalogFixture();
    private final Configuration configuration = catalog.bean(Configuration.class, Clock.systemUTC());
    private final Runs runs = catalog.bean(Runs.class, Clock.systemUTC());
    private final WorkQueue queue = catalog.bean(WorkQueue.class, Clock.systemUTC());
    private RunNotices notices;

    @BeforeEach
    void start() {
        smtp.start();
        notices = new RunNotices(
                configuration, runs, queue, List.of(TestMail.notifier("127.0.0.1", smtp.getSmtp().getPort())));
    }

    @AfterEach
    void stop() throws InterruptedException {
        notices.stop();
        smtp.stop();
        catalog.close();
    }

    @Test
    void a_failure_is_told_first_with_what_to_do() throws Exception {
        channel("dba", When.FAILURE);
        RunView run = ended(RunState.FAILED, Optional.of(
                new Problem(ErrorCode.STORE_FULL, "the store \"disk\" <is full>", "Free some space.")));
        notices.ended(run);
        MimeMessage mail = received(1)[0];
        assertThat(mail.getSubject()).isEqualTo("[backup] FAILED: back up Ünïcode shop");
        assertThat(mail.getFrom()[0]).hasToString("backup@example.org");
        String text = TestMail.part(mail, "text/plain");
        assertThat(text)
                .startsWith("STORE_FULL: the store \"disk\" <is full>")
                .contains("Free some space.", "dbbackup restart " + run.id(), "Work items:", "Duration:", "Rows:");
        assertThat(TestMail.part(mail, "text/html")).contains("&lt;is full&gt;").doesNotContain("<is full>");
    }

    /** As a backup that fails at night and is restarted in the morning. */
    @Test
    void the_time_between_two_executions_is_not_that_of_the_last_one() throws Exception {
        channel("dba", When.ALWAYS);
        RunFixture.TestClock clock = new RunFixture.TestClock();
        Runs timed = catalog.bean(Runs.class, clock);
        Instant evening = clock.instant();
        UUID run = timed.create(DRAFT, "ann", "rest", Optional.empty(), "").id();
        timed.begin(run, 1, 1, "node");
        timed.end(run, RunState.FAILED, "FAILED");
        clock.set(evening.plus(Duration.ofHours(10)));
        timed.queued(run, "node");
        timed.begin(run, 1, 2, "node");
        clock.set(evening.plus(Duration.ofHours(10)).plusSeconds(20));

        notices.ended(new RunEnded(timed.end(run, RunState.SUCCEEDED, "COMPLETED")));

        assertThat(TestMail.part(received(1)[0], "text/plain").lines()).contains(
                "Duration:    0:00:20", "Since first: 10:00:20 since the first of 2 executions began");
    }

    @Test
    void every_channel_is_told_what_it_wants_and_nothing_else() throws Exception {
        channel("only-success", When.SUCCESS);
        channel("only-failure", When.FAILURE);
        channel("all", When.ALWAYS);
        notices.ended(ended(RunState.SUCCEEDED, Optional.empty()));
        assertThat(recipients(received(2))).containsExactlyInAnyOrder("only-success@example.org", "all@example.org");
        smtp.purgeEmailFromAllMailboxes();
        notices.ended(ended(RunState.SUCCEEDED_WITH_WARNINGS, Optional.empty()));
        assertThat(recipients(received(2))).containsExactlyInAnyOrder("only-failure@example.org", "all@example.org");
        smtp.purgeEmailFromAllMailboxes();
        notices.ended(ended(RunState.INTERRUPTED, Optional.empty()));
        assertThat(recipients(received(2))).containsExactlyInAnyOrder("only-failure@example.org", "all@example.org");
        smtp.purgeEmailFromAllMailboxes();
        notices.ended(ended(RunState.STOPPED, Optional.empty()));
        assertThat(recipients(received(1))).containsExactly("all@example.org");
    }

    /** As when the mail waits behind a mail server that is slow, and an automatic restart does not. */
    @Test
    void a_failure_is_told_although_the_run_was_restarted_before_its_turn_came() throws Exception {
        channel("dba", When.FAILURE);
        RunView failed = ended(RunState.FAILED, Optional.of(
                new Problem(ErrorCode.STORE_FULL, "the store is full", "Free some space.")));
        runs.begin(failed.id(), 1, 2, "node");

        notices.ended(new RunEnded(failed));

        MimeMessage mail = received(1)[0];
        assertThat(mail.getSubject()).startsWith("[backup] FAILED: ");
        assertThat(TestMail.part(mail, "text/plain")).startsWith("STORE_FULL: the store is full");
    }

    @Test
    void a_mail_server_that_is_down_leaves_a_warning_on_the_run() throws Exception {
        channel("dba", When.ALWAYS);
        smtp.stop();
        RunView run = ended(RunState.SUCCEEDED, Optional.empty());
        notices.ended(run);
        notices.stop();
        assertThat(runs.get(run.id()).state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(runs.warnings(run.id()))
                .singleElement()
                .asString()
                .startsWith("notification \"dba\" was not sent: the mail to [dba@example.org] was not taken: ");
    }

    private void channel(String name, When when) {
        configuration.save(new ChannelConfig(name, "mail", when, Map.of(
                "to", name + "@example.org", "from", "backup@example.org", "subjectPrefix", "[backup]")));
    }

    private RunView ended(RunState state, Optional<Problem> problem) {
        RunView run = runs.create(DRAFT, "ann", "rest", Optional.empty(), "");
        runs.begin(run.id(), 1, 1, "node");
        problem.ifPresent(p -> runs.problem(run.id(), p));
        return runs.end(run.id(), state, state.name());
    }

    private MimeMessage[] received(int count) {
        assertThat(smtp.waitForIncomingEmail(20_000, count)).isTrue();
        return smtp.getReceivedMessages();
    }

    private static List<String> recipients(MimeMessage[] mails) {
        return Arrays.stream(mails).map(mail -> GreenMailUtil.getAddressList(TestMail.to(mail))).toList();
    }
}

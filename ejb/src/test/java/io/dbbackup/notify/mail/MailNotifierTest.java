package io.dbbackup.notify.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Notification;
import jakarta.mail.internet.MimeMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MailNotifierTest {
    private static final Notification NOTICE =
            new Notification("FAILED: Größe\r\nBcc: everyone@example.org", "Text äöü\n", "<p>Hülle</p>");

    @Test
    void text_and_html_arrive_in_one_message_and_a_subject_cannot_add_headers() throws Exception {
        GreenMail smtp = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        smtp.start();
        try {
            TestMail.notifier("127.0.0.1", smtp.getSmtp().getPort())
                    .send(Map.of("to", "a@example.org, b@example.org", "from", "backup@example.org"), NOTICE);
            assertThat(smtp.waitForIncomingEmail(20_000, 2)).isTrue();
            MimeMessage mail = smtp.getReceivedMessages()[0];
            assertThat(mail.getSubject()).isEqualTo("[dbbackup] FAILED: Größe Bcc: everyone@example.org");
            assertThat(mail.getHeader("Bcc")).isNull();
            assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
            assertThat(TestMail.part(mail, "text/plain")).contains("Text äöü");
            assertThat(TestMail.part(mail, "text/html")).contains("Hülle");
        } finally {
            smtp.stop();
        }
    }

    @Test
    void a_server_that_is_not_there_is_named() {
        assertThatThrownBy(() -> TestMail.notifier("127.0.0.1", 1)
                        .send(Map.of("to", "a@example.org", "from", "backup@example.org"), NOTICE))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("NOTIFICATION_FAILED: the mail to [a@example.org] was not taken: ")
                .hasMessageContaining("port: 1");
    }

    @Test
    void settings_are_checked() {
        assertThatThrownBy(() -> MailSettings.of(Map.of("to", "x y z"))).hasMessageContaining("no list of mail addresses");
        assertThatThrownBy(() -> MailSettings.of(Map.of("to", "a@b", "cc", "c@d"))).hasMessageContaining("no setting cc");
        assertThatThrownBy(() -> MailSettings.of(Map.of("to", "a@b", "from", "c@d, e@f")))
                .hasMessageContaining("more than one address");
    }
}

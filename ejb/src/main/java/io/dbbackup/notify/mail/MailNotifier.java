package io.dbbackup.notify.mail;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Notification;
import io.dbbackup.spi.Notifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Sends mail through the server's session {@value #SESSION}, which knows the mail server. Thread-safe. */
@ApplicationScoped
public class MailNotifier implements Notifier {
    public static final String SESSION = "java:jboss/mail/Default";

    /** A mail server that does not answer must not keep a thread for ever. Milliseconds. */
    private static final String TIMEOUT = "30000";

    private final Supplier<Session> session;

    public MailNotifier() {
        this(MailNotifier::fromServer);
    }

    MailNotifier(Supplier<Session> session) {
        this.session = session;
    }

    @Override
    public String type() {
        return "mail";
    }

    @Override
    public void validate(Map<String, String> settings) {
        MailSettings.of(settings);
    }

    @Override
    public void send(Map<String, String> settings, Notification notification) {
        MailSettings mail = MailSettings.of(settings);
        Session server = session.get();
        limitWaiting(server.getProperties());
        try {
            Transport.send(message(server, mail, notification));
        } catch (MessagingException e) {
            throw new BackupException(
                    ErrorCode.NOTIFICATION_FAILED,
                    "the mail to " + mail.to() + " was not taken: " + reason(e),
                    "Check the mail server and the server's mail session " + SESSION + ".",
                    e);
        }
    }

    private static MimeMessage message(Session session, MailSettings mail, Notification notification)
            throws MessagingException {
        String utf8 = StandardCharsets.UTF_8.name();
        MimeMessage message = new MimeMessage(session);
        if (mail.from().isPresent()) {
            message.setFrom(mail.from().get());
        } else {
            message.setFrom();
        }
        message.setRecipients(Message.RecipientType.TO, mail.to().toArray(Address[]::new));
        String subject = (mail.subjectPrefix() + " " + notification.subject()).strip();
        message.setSubject(subject.replaceAll("\\p{Cntrl}+", " "), utf8);
        message.setSentDate(new Date());
        message.setHeader("Auto-Submitted", "auto-generated");
        MimeBodyPart text = new MimeBodyPart();
        text.setText(notification.text(), utf8);
        MimeBodyPart html = new MimeBodyPart();
        html.setText(notification.html(), utf8, "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        return message;
    }

    private static void limitWaiting(Properties properties) {
        for (String protocol : new String[] {"smtp", "smtps"}) {
            for (String kind : new String[] {"connectiontimeout", "timeout", "writetimeout"}) {
                properties.putIfAbsent("mail." + protocol + "." + kind, TIMEOUT);
            }
        }
    }

    private static String reason(MessagingException failure) {
        StringBuilder reason = new StringBuilder();
        for (Exception e = failure; e instanceof MessagingException m; e = m.getNextException()) {
            if (e.getMessage() != null) {
                reason.append(reason.isEmpty() ? "" : "; ").append(e.getMessage().strip().replaceAll("\\s+", " "));
            }
        }
        return reason.toString();
    }

    private static Session fromServer() {
        try {
            return (Session) new InitialContext().lookup(SESSION);
        } catch (NamingException e) {
            throw new BackupException(
                    ErrorCode.NOTIFICATION_FAILED,
                    "the server has no mail session " + SESSION,
                    "Configure the mail subsystem as server-config does.",
                    e);
        }
    }
}

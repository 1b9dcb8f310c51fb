package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.PrivateFiles;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The definitions of one database, as a local copy of the beginning of its {@code schema.dump}: header and table of
 * contents, which is where pg_dump keeps every statement. What follows, the contents of large objects, may be huge and
 * is left in the store. Lives for one execution; thread-safe.
 */
final class SchemaArchive implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final String LABEL = "SECURITY LABEL FOR ";
    private static final String TABLESPACE = "SET default_tablespace = ";

    private final Path head;
    private final PgTools tools;
    private final Endpoint endpoint;
    private final Cancellation cancellation;
    private final Map<String, List<TocEntry>> sections = new HashMap<>();
    private Optional<Demands> demands = Optional.empty();

    private SchemaArchive(Path head, PgTools tools, RestoreContext context) {
        this.head = head;
        this.tools = tools;
        this.endpoint = context.target();
        this.cancellation = context.cancellation();
    }

    /** The archive of a database, fetched once per execution and until {@link #release}. */
    static SchemaArchive of(RestoreContext context, String source) {
        // found before: what makes a held thing must not ask for another one
        BlobRef schema = SetDatabase.of(context, source).schema();
        PgTools tools = RestoreTools.of(context);
        return context.hold(key(source), SchemaArchive.class, () -> fetch(context, schema, tools));
    }

    static void release(RestoreContext context, String source) {
        context.release(key(source));
    }

    private static String key(String source) {
        return "pg.restore.archive/" + source;
    }

    /**
     * Reads the blob to its end, so that its digests are checked before a single statement of it is executed, and keeps
     * what {@code pg_restore --list} consumed.
     */
    static SchemaArchive fetch(RestoreContext context, BlobRef blob, PgTools tools) {
        Path head = temporaryFile("schema-", ".dump");
        SchemaArchive archive = new SchemaArchive(head, tools, context);
        try (InputStream in = context.set().open(blob);
                OutputStream copy = Files.newOutputStream(head);
                PgProcess lister = PgProcess.startOffline(
                        tools, "pg_restore", context.target(), List.of("--list", "--file=/dev/null"),
                        context.cancellation())) {
            byte[] buffer = new byte[BUFFER];
            boolean reading = true;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                context.cancellation().check();
                if (reading) {
                    copy.write(buffer, 0, n);
                    reading = feed(lister.input(), buffer, n);
                }
            }
            closeInput(lister.input());
            lister.awaitSuccess();
            return archive;
        } catch (IOException e) {
            archive.close();
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "the definitions of the database could not be copied to " + head + ": " + e.getMessage(),
                    "Check the free space in the directory for temporary files, then restart the run.",
                    e);
        } catch (RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    /** @return false when the program has read the table of contents and ended */
    private static boolean feed(OutputStream program, byte[] buffer, int length) {
        try {
            program.write(buffer, 0, length);
            program.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void closeInput(OutputStream program) {
        try {
            program.close();
        } catch (IOException e) {
            // it has ended already: its exit status says whether it had all it needed
            return;
        }
    }

    /** The entries of a section ({@code pre-data}, {@code data}, {@code post-data}), in the order of the archive. */
    synchronized List<TocEntry> entries(String section) {
        List<TocEntry> known = sections.get(section);
        if (known == null) {
            known = List.copyOf(list(section));
            sections.put(section, known);
        }
        return known;
    }

    private List<TocEntry> list(String section) {
        try (PgProcess lister = offline(List.of("--list", "--section=" + section, head.toString()));
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(lister.stream(), StandardCharsets.UTF_8))) {
            List<TocEntry> entries = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<TocEntry> entry = TocEntry.parse(line);
                entry.ifPresent(entries::add);
            }
            lister.awaitSuccess();
            return entries;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * What objects need the target to have.
     *
     * @param tablespaces tablespaces other than the database's default
     * @param labelProviders providers of security labels
     */
    record Demands(Set<String> tablespaces, Set<String> labelProviders) {}

    synchronized Demands demands() {
        if (demands.isEmpty()) {
            Set<String> tablespaces = new TreeSet<>();
            Set<String> providers = new TreeSet<>();
            for (String section : List.of("pre-data", "post-data")) {
                collect(section, tablespaces, providers);
            }
            demands = Optional.of(new Demands(Set.copyOf(tablespaces), Set.copyOf(providers)));
        }
        return demands.get();
    }

    private void collect(String section, Set<String> tablespaces, Set<String> providers) {
        try (PgProcess script = section(section, List.of());
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(script.stream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(TABLESPACE) && line.endsWith(";") && !line.equals(TABLESPACE + "'';")) {
                    tablespaces.addAll(SearchPath.names(line.substring(TABLESPACE.length(), line.length() - 1)));
                } else if (line.startsWith(LABEL) && line.contains(" ON ")) {
                    providers.addAll(SearchPath.names(line.substring(LABEL.length(), line.indexOf(" ON "))));
                }
            }
            script.awaitSuccess();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Starts {@code pg_restore} printing the definitions of a whole section as SQL. */
    PgProcess section(String section, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("--file=-", "--section=" + section));
        arguments.addAll(options);
        arguments.add(head.toString());
        return offline(arguments);
    }

    /** Starts {@code pg_restore} printing chosen definitions, in the order of the list. */
    PgProcess chosen(Path list, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("--file=-", "--use-list=" + list));
        arguments.addAll(options);
        arguments.add(head.toString());
        return offline(arguments);
    }

    /** Starts {@code pg_restore} printing chosen entries of an archive that comes through its standard input. */
    PgProcess streamed(Path list, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("--file=-", "--use-list=" + list));
        arguments.addAll(options);
        return offline(arguments);
    }

    /** Writes the file that {@code --use-list} reads; the caller deletes it. */
    static Path listFile(List<TocEntry> entries) {
        Path list = temporaryFile("list-", ".txt");
        try {
            Files.write(list, entries.stream().map(entry -> entry.id() + ";").toList());
            return list;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    PgTools tools() {
        return tools;
    }

    private PgProcess offline(List<String> arguments) {
        return PgProcess.startOffline(tools, "pg_restore", endpoint, arguments, cancellation);
    }

    /** Readable for the owner only. */
    private static Path temporaryFile(String prefix, String suffix) {
        try {
            return PrivateFiles.ofThisServer().create(prefix, suffix);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    static BackupException unreadable(IOException e) {
        return new BackupException(
                ErrorCode.INTERNAL,
                "a temporary file with definitions could not be used: " + e.getMessage(),
                "Check the directory for temporary files, then restart the run.",
                e);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(head);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }
}

package io.dbbackup.engine.mysql;

import io.dbbackup.model.BlobRef;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.set.BlobSetReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A restore of the first database of a set as the documentation says it is done with the stock client. */
final class ByHand {
    private ByHand() {}

    static void restore(TestServer server, BlobSetReader set, String name) throws IOException {
        DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
        server.sql("mysql", "CREATE DATABASE " + name + " " + manifest.properties().get("options").asText());
        server.instance().sql(name, plain(set, manifest, manifest.schemaBlob()));
        for (TableManifest table : manifest.tables()) {
            for (PartManifest part : table.parts()) {
                byte[] blob = plain(set, manifest, part.blob());
                load(server, name, part.loadStatement(), part.member().isEmpty() ? blob : member(blob, part.member()));
            }
        }
        server.instance().force(name, plain(set, manifest, manifest.afterDataBlob().orElseThrow()));
    }

    /** An INSERT with question marks is done by way of a table of bytes, as the documentation says. */
    private static void load(TestServer server, String database, String statement, byte[] plain) {
        if (!statement.startsWith("INSERT ")) {
            server.instance().load(database, statement, plain);
            return;
        }
        int values = statement.indexOf(") VALUES (");
        StringBuilder columns = new StringBuilder();
        StringBuilder selected = new StringBuilder();
        int number = 0;
        for (char c : statement.substring(values + ") VALUES (".length(), statement.length() - 1).toCharArray()) {
            if (c == '?') {
                columns.append(number == 0 ? "" : ", ").append('c').append(++number).append(" longblob");
                selected.append('c').append(number);
            } else {
                selected.append(c);
            }
        }
        server.sql(database, "CREATE TABLE bytes_of_a_part (" + columns + ")");
        server.instance().load(database, "LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE bytes_of_a_part CHARACTER SET binary", plain);
        server.sql(database, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00';"
                + statement.substring(0, values) + ") SELECT " + selected + " FROM bytes_of_a_part; DROP TABLE bytes_of_a_part");
    }

    private static byte[] member(byte[] tar, String wanted) throws IOException {
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            while (!in.getNextEntry().getName().equals(wanted)) {
                // the next one
            }
            return in.readAllBytes();
        }
    }

    static byte[] plain(BlobSetReader set, DatabaseManifest manifest, String name) throws IOException {
        BlobRef blob = manifest.blobs().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        try (InputStream in = set.open(blob)) {
            return in.readAllBytes();
        }
    }
}

package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;

/** Creates the temporary database with its sequences and tables; always anew, since nothing is loaded before it is done. */
final class SchemaItem {
    private SchemaItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target =
                RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session server = Session.open(context.target(), "", "restore")) {
            Databases.dropTemporary(server.sql(), target.temporaryName());
            server.sql().run("CREATE DATABASE " + Quoting.identifier(target.temporaryName()) + " "
                    + target.properties(context).options());
        }
        try (Session session = Session.open(context.target(), target.temporaryName(), "restore definitions");
                Cancellation.Registration stop = session.endWith(context.cancellation());
                InputStream plain = context.set().open(target.blob(context, target.manifest(context).schemaBlob()))) {
            session.sql().run("SET SESSION foreign_key_checks = 0");
            Markers.createTable(session.sql());
            DefinitionsReader.read(plain, definition -> {
                session.sql().run(DefinitionsSource.settings(definition));
                session.sql().run(definition.statement());
            });
            return ItemResult.nothing();
        } catch (IOException e) {
            throw unreadable(target.manifest(context).schemaBlob(), e);
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    static BackupException unreadable(String blob, IOException e) {
        return new BackupException(
                ErrorCode.STORE_IO,
                "reading blob " + blob + " failed: " + e.getMessage(),
                "Check the store, then restart the run.",
                e);
    }
}

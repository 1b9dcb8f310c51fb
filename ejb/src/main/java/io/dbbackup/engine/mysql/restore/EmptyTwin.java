package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.List;

/**
 * An empty table that takes the place of one of our own with rows of an interrupted load, where rows go only with their table. Whose place
 * it takes its name says, so that whoever comes behind a killed attempt finds it. Stateless.
 */
final class EmptyTwin {
    private static final String NAME = "dbbackup_restore_empty_";

    private EmptyTwin() {}

    /** @param number position of the table in the manifest */
    private static String name(int number) {
        return NAME + number;
    }

    /** Whether a table is made anew in this way. */
    static boolean has(RestoreContext context, TableManifest table) {
        return !RestoreTarget.dataOnly(context) && StorageEngines.keepsRows(RestoreTarget.properties(table).engine());
    }

    /** Gives a table that a killed attempt has dropped to its twin; does nothing where the table is there. */
    static void recover(BlobLoad load, Session session, BlobLoad.Piece piece) {
        if (!has(load.context(), piece.table()) || !load.engine(session, piece.table()).isEmpty()
                || TargetTables.engine(session.sql(), load.target().temporaryName(), name(piece.number())).isEmpty()) {
            return;
        }
        try {
            session.sql().run("RENAME TABLE " + Quoting.identifier(name(piece.number())) + " TO " + Quoting.identifier(piece.table().name()));
        } catch (BackupException e) {
            // unless that attempt was not dead and has just done so
            if (load.engine(session, piece.table()).isEmpty()) {
                throw e;
            }
        }
    }

    /** Another table takes the place of one with rows of an interrupted load, unless another attempt has filled it meanwhile. */
    static void renew(BlobLoad load, Session session, Session marks, BlobLoad.Piece piece) {
        String table = Quoting.identifier(piece.table().name());
        String twin = Quoting.identifier(name(piece.number()));
        session.sql().run("UNLOCK TABLES");
        session.sql().run("CREATE TABLE IF NOT EXISTS " + twin + " LIKE " + table);
        session.sql().run("LOCK TABLES " + table + " WRITE, " + twin + " WRITE");
        boolean filled = Markers.present(marks.sql(), load.target().temporaryName(), load.item());
        session.sql().run("DROP TABLE " + (filled ? twin : table));
        if (!filled) {
            session.sql().run("ALTER TABLE " + twin + " RENAME TO " + table);
        }
        session.sql().run("UNLOCK TABLES");
    }

    /** Of an attempt that was killed while it waited for another one, which has filled the table. */
    static void dropLeft(RestoreContext context, Sql sql, RestoreTarget target) {
        List<TableManifest> tables = target.manifest(context).tables();
        for (int i = 0; i < tables.size(); i++) {
            if (has(context, tables.get(i))) {
                sql.run("DROP TABLE IF EXISTS " + Quoting.qualified(target.temporaryName(), name(i)));
            }
        }
    }
}

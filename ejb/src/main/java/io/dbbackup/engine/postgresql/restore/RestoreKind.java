package io.dbbackup.engine.postgresql.restore;

/** Kinds of the work items of a restore. */
final class RestoreKind {
    /** Looks which tablespaces are to be created; not in plans of older versions. */
    static final String CHOOSE = "pg.restore.globals.choose";
    static final String GLOBALS = "pg.restore.globals";
    static final String SCHEMA = "pg.restore.schema";
    static final String DATA = "pg.restore.data";
    static final String OBJECTS = "pg.restore.objects";
    static final String INDEXES = "pg.restore.indexes";
    static final String REST = "pg.restore.rest";
    static final String ANALYZE = "pg.restore.analyze";
    static final String KEY_CHECK = "pg.restore.keys";
    static final String FINISH = "pg.restore.finish";
    static final String COMPARE = "pg.restore.compare";

    private RestoreKind() {}
}

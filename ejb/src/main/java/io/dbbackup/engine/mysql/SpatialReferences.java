package io.dbbackup.engine.mysql;

import io.dbbackup.engine.mysql.Definition.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Spatial reference systems of MySQL that somebody has created (CREATE SPATIAL REFERENCE SYSTEM): they belong to the server, and a column
 * with one (SRID) cannot be created without it, nor a value with one be stored. Stateless.
 */
public final class SpatialReferences {
    /** The server's own, which no account may create (MySQL manual, "CREATE SPATIAL REFERENCE SYSTEM Statement"). */
    private static final String OWN = "srs_id NOT BETWEEN 0 AND 32767 AND srs_id NOT BETWEEN 60000000 AND 69999999"
            + " AND srs_id NOT BETWEEN 2000000000 AND 2147483647";
    private static final String SELECT = "SELECT srs_id, srs_name, coalesce(organization, ''), organization_coordsys_id, definition,"
            + " coalesce(description, '') FROM information_schema.st_spatial_reference_systems WHERE ";

    private SpatialReferences() {}

    /** Those that columns of a database name; all, where a column may hold values of any. */
    public static List<Definition> of(Sql sql, String database) {
        String columns = "FROM information_schema.columns WHERE table_schema = ? AND data_type IN ('geometry', 'point', 'linestring',"
                + " 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection')";
        return sql.list(
                SELECT + OWN + " AND (srs_id IN (SELECT srs_id " + columns + " AND srs_id IS NOT NULL) OR EXISTS (SELECT 1 "
                        + columns + " AND srs_id IS NULL)) ORDER BY srs_id",
                SpatialReferences::definition, database, database);
    }

    /** What a server has under a number. */
    public static Optional<Definition> find(Sql sql, long id) {
        return sql.first(SELECT + "srs_id = " + id, SpatialReferences::definition);
    }

    private static Definition definition(ResultSet row) throws SQLException {
        String organization = row.getString(3);
        String description = row.getString(6);
        return new Definition(
                Kind.SPATIAL_REFERENCE, row.getString(1),
                "CREATE SPATIAL REFERENCE SYSTEM IF NOT EXISTS " + row.getString(1) + " NAME " + quoted(row.getString(2))
                        + (organization.isEmpty() ? "" : " ORGANIZATION " + quoted(organization) + " IDENTIFIED BY " + row.getString(4))
                        + " DEFINITION " + quoted(row.getString(5))
                        + (description.isEmpty() ? "" : " DESCRIPTION " + quoted(description)));
    }

    /** The statement takes no other form of a text; backslashes count in {@link Definition#SESSION_MODE}. */
    private static String quoted(String text) {
        return '\'' + text.replace("\\", "\\\\").replace("'", "''") + '\'';
    }
}

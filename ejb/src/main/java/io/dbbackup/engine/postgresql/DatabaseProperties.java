package io.dbbackup.engine.postgresql;

import java.util.List;

/**
 * What recreates a database itself: the {@code properties} of its manifest. Names are raw, never quoted; empty text
 * means that the server has none.
 *
 * @param encoding name of the encoding, for example {@code UTF8} or {@code SQL_ASCII}
 * @param collate LC_COLLATE
 * @param ctype LC_CTYPE
 * @param localeProvider {@code libc}, {@code icu} or {@code builtin}
 * @param locale locale of the providers icu and builtin
 * @param icuRules extra collation rules (16 and later)
 * @param collationVersion version of the collation that the database was made with (15 and later)
 * @param owner role that owns the database
 * @param tablespace default tablespace
 * @param connectionLimit -1 when there is none
 * @param template whether anybody with CREATEDB may copy it
 * @param allowConnections false when nobody may connect
 * @param defaultPrivileges true when nothing was ever granted or revoked; {@code grants} is then empty
 * @param grants what was granted on the database
 * @param comment comment on the database
 * @param securityLabels labels on the database
 * @param settings what ALTER DATABASE SET and ALTER ROLE IN DATABASE SET left
 * @param extensions installed extensions
 * @param publicDropped whether somebody dropped the schema {@code public}, which every new database has
 * @param tablespaces tablespaces other than the default one that relations are in
 * @param roles roles that own something in the database or were granted something, other than PostgreSQL's own
 */
public record DatabaseProperties(
        String encoding,
        String collate,
        String ctype,
        String localeProvider,
        String locale,
        String icuRules,
        String collationVersion,
        String owner,
        String tablespace,
        int connectionLimit,
        boolean template,
        boolean allowConnections,
        boolean defaultPrivileges,
        List<Grant> grants,
        String comment,
        List<SecurityLabel> securityLabels,
        List<Setting> settings,
        List<Extension> extensions,
        boolean publicDropped,
        List<String> roles,
        List<String> tablespaces) {
    public DatabaseProperties {
        grants = List.copyOf(grants);
        securityLabels = List.copyOf(securityLabels);
        settings = List.copyOf(settings);
        extensions = List.copyOf(extensions);
        // absent in sets that were written before they were recorded
        roles = roles == null ? List.of() : List.copyOf(roles);
        tablespaces = tablespaces == null ? List.of() : List.copyOf(tablespaces);
    }

    /**
     * One privilege on the database.
     *
     * @param grantee role, empty for PUBLIC
     * @param grantor role that granted it
     * @param privilege CONNECT, CREATE or TEMPORARY
     * @param grantable whether WITH GRANT OPTION
     */
    public record Grant(String grantee, String grantor, String privilege, boolean grantable) {}

    /** A label that a security provider put on the database. */
    public record SecurityLabel(String provider, String label) {}

    /**
     * A configuration setting bound to the database.
     *
     * @param role empty for every role, else the role it is limited to
     * @param name name of the setting
     * @param value as the catalog has it; for settings that are lists of names (search_path, …) a list of identifiers
     *     that are already quoted where needed
     */
    public record Setting(String role, String name, String value) {}

    /** An installed extension. */
    public record Extension(String name, String schema, String version) {}
}

package io.dbbackup.engine.postgresql.sliced;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.Quoting;

/**
 * A column as slices of it are read and put together again.
 *
 * @param name as in the table
 * @param type a domain's base type, with its schema and without length or precision
 * @param output function that gives a value's text
 * @param send function that gives a value's binary form
 * @param variable whether values may be large at all
 * @param external whether the table keeps its values uncompressed
 */
record SlicedColumn(
        String name, Kind kind, String type, String output, String send, boolean variable, boolean external) {
    private static final long BYTEA_OID = 17;
    private static final long TEXT_OID = 25;
    private static final long JSON_OID = 114;
    private static final long BPCHAR_OID = 1042;
    private static final long VARCHAR_OID = 1043;
    private static final long JSONB_OID = 3802;
    /** More than any compression of PostgreSQL makes of a value. */
    private static final int BEST_COMPRESSION = 300;
    /** A compressed value below this is not worth a slice, whatever it becomes. */
    private static final int WORTH_BYTES = 2000;

    /** What the slices of a column are slices of. */
    enum Kind {
        /** {@code text} and {@code varchar}: the text in the database's encoding. */
        TEXT("t"),
        /** {@code bytea}: the bytes. */
        BYTES("b"),
        /** {@code jsonb} in binary format: its text. In the binary form, a version number comes before it. */
        JSONB("j"),
        /** Any other type whose form in the table's format is its text: that. */
        OTHER("t"),
        /** Never cut. */
        WHOLE("");

        private final String form;

        Kind(String form) {
            this.form = form;
        }

        /** The letter that stands for it in the rows of slices. */
        String form() {
            return form;
        }

        static Kind of(CopyFormat format, long type, boolean variable) {
            if (type == BYTEA_OID) {
                return BYTES;
            }
            if (type == TEXT_OID || type == VARCHAR_OID) {
                return TEXT;
            }
            return switch (format) {
                case BINARY -> type == JSONB_OID ? JSONB : type == JSON_OID || type == BPCHAR_OID ? OTHER : WHOLE;
                case TEXT -> variable ? OTHER : WHOLE;
            };
        }
    }

    /** The value without its domain. */
    String value() {
        return "t." + Quoting.identifier(name) + "::" + type;
    }

    /** An SQL number that is not below the bytes in a COPY message, and costs nothing: no value is decompressed for it. */
    String bound() {
        return switch (kind) {
            case TEXT, BYTES -> size();
            case JSONB, OTHER, WHOLE -> variable
                    ? "coalesce(pg_column_size(t." + Quoting.identifier(name) + "), 0)::int8 * " + BEST_COMPRESSION
                    : "0";
        };
    }

    /** An SQL number: the bytes in a COPY message, before special characters of text are escaped. */
    String exact(CopyFormat format) {
        return switch (kind) {
            case TEXT, BYTES -> size();
            case JSONB, OTHER, WHOLE -> variable
                    ? "coalesce(octet_length(" + switch (format) {
                        case BINARY -> send + "(" + value() + ")";
                        case TEXT -> text();
                    } + "), 0)::int8"
                    : "0";
        };
    }

    /** An SQL condition: whether the column of a row is cut. */
    String worth(SliceSizes sizes) {
        return switch (kind) {
            case TEXT, BYTES -> size() + " > " + sizes.column();
            case JSONB, OTHER -> "coalesce(pg_column_size(t." + Quoting.identifier(name) + "), 0) > "
                    + Math.min(WORTH_BYTES, sizes.column());
            case WHOLE -> "false";
        };
    }

    /** PostgreSQL looks up the size before compression, without the value. */
    private String size() {
        return "coalesce(octet_length(" + value() + "), 0)::int8";
    }

    private String text() {
        return "pg_catalog.textin(" + output + "(" + value() + "))";
    }

    /** All bytes of a value as one {@code bytea}, decompressed once and not for every slice. */
    String bytes(String encoding) {
        return switch (kind) {
            case TEXT -> "pg_catalog.convert_to(" + value() + ", " + Quoting.literal(encoding) + ")";
            case BYTES -> "pg_catalog.byteasend(" + value() + ")";
            case JSONB, OTHER, WHOLE -> "pg_catalog.convert_to(" + text() + ", " + Quoting.literal(encoding) + ")";
        };
    }

    /** The value of all its bytes. */
    String assembled(String bytes, String encoding) {
        String text = "pg_catalog.convert_from(" + bytes + ", " + Quoting.literal(encoding) + ")";
        return switch (kind) {
            case TEXT -> text;
            case BYTES -> bytes;
            case JSONB, OTHER, WHOLE -> text + "::" + type;
        };
    }
}

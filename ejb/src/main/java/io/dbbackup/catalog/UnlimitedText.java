package io.dbbackup.catalog;

import org.hibernate.type.SqlTypes;
import org.hibernate.type.descriptor.jdbc.VarcharJdbcType;

/**
 * A string without a limit. Its column is what the dialect calls that; to the driver it is a plain string, because
 * PostgreSQL's refuses a null of Hibernate's own type code for it.
 */
public class UnlimitedText extends VarcharJdbcType {
    private static final long serialVersionUID = 1L;

    @Override
    public int getDdlTypeCode() {
        return SqlTypes.LONG32VARCHAR;
    }
}

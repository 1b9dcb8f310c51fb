package io.dbbackup.service.config;

/**
 * One thing that is wrong in a configuration file.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @param where the item, for example {@code source "shop"}; empty for the file as a whole
 * @param problem lower-case sentence: what is wrong; never a secret
 * @param allowed one full sentence: what is allowed instead
 */
public record ConfigError(int line, int column, String where, String problem, String allowed) {
    @Override
    public String toString() {
        return "line " + line + ", column " + column + ": " + (where.isEmpty() ? "" : where + ": ") + problem + ". "
                + allowed;
    }
}

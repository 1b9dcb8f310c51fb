package io.dbbackup.rest;

/** The roles of the server; each may do what the one before may. */
public final class Roles {
    /** Reads. */
    public static final String VIEWER = "viewer";
    /** Also starts, stops and restarts runs. */
    public static final String OPERATOR = "operator";
    /** Also changes the configuration and lets backup sets expire. */
    public static final String ADMIN = "admin";

    private Roles() {}
}

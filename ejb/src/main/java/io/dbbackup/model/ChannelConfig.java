package io.dbbackup.model;

import java.util.Map;

/** Whom to tell about finished runs, how and when. */
public record ChannelConfig(String name, String type, When when, Map<String, String> settings) {
    public ChannelConfig {
        settings = Map.copyOf(settings);
    }

    /** Which outcomes are told. */
    public enum When {
        SUCCESS,
        /** Failed, stopped by a lost node, or finished with warnings. */
        FAILURE,
        ALWAYS
    }
}

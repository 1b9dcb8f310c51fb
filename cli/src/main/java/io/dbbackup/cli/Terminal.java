package io.dbbackup.cli;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;

/** The person at the other end, if there is one. */
public interface Terminal {
    /** True when input and output are a terminal. */
    boolean interactive();

    /** Asks for a line; empty when nobody answers. */
    Optional<String> ask(String prompt);

    /** Asks for a secret, without echo. */
    Optional<String> askSecret(String prompt);

    static Terminal system() {
        Console console = System.console();
        boolean interactive = console != null && isTerminal(console);
        return new Terminal() {
            @Override
            public boolean interactive() {
                return interactive;
            }

            @Override
            public Optional<String> ask(String prompt) {
                return interactive ? Optional.ofNullable(console.readLine("%s", prompt)) : Optional.empty();
            }

            @Override
            public Optional<String> askSecret(String prompt) {
                return interactive
                        ? Optional.ofNullable(console.readPassword("%s", prompt)).map(String::new)
                        : Optional.empty();
            }
        };
    }

    /** From JDK 22 on there is a console without a terminal as well; it then says so. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}

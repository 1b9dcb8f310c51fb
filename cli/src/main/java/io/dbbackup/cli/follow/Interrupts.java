package io.dbbackup.cli.follow;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Ctrl-C. The JDK has no public way to catch it; where its usual one is missing, Ctrl-C just ends the client. */
final class Interrupts implements AutoCloseable {
    private final Class<?> signal;
    private final Object before;

    private Interrupts(Class<?> signal, Object before) {
        this.signal = signal;
        this.before = before;
    }

    /** Calls {@code action} for each Ctrl-C until closed. */
    static Interrupts on(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (p, method, args) -> {
                if (method.getName().equals("handle")) {
                    action.run();
                }
                return method.getReturnType() == boolean.class ? Boolean.valueOf(p == args[0]) : null;
            });
            return new Interrupts(signal, handle(signal, handler, ours));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return new Interrupts(null, null);
        }
    }

    private static Object handle(Class<?> signal, Class<?> handler, Object action) throws ReflectiveOperationException {
        Method handle = signal.getMethod("handle", signal, handler);
        return handle.invoke(null, signal.getConstructor(String.class).newInstance("INT"), action);
    }

    @Override
    public void close() {
        if (signal != null) {
            try {
                handle(signal, Class.forName("sun.misc.SignalHandler"), before);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

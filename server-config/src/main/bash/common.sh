# Sourced by `dbbackup` and `run-tests`: settings, messages, a JDK.
# shellcheck shell=bash

DBBACKUP_HOME=${DBBACKUP_HOME:-$ROOT/.work/server}
DBBACKUP_HTTP_PORT=${DBBACKUP_HTTP_PORT:-8080}
DBBACKUP_MANAGEMENT_PORT=${DBBACKUP_MANAGEMENT_PORT:-9990}
DBBACKUP_BIND=${DBBACKUP_BIND:-127.0.0.1}
DBBACKUP_JAVA_OPTS=${DBBACKUP_JAVA_OPTS:--Xmx512m}
case $DBBACKUP_HOME in /*) ;; *) DBBACKUP_HOME=$PWD/$DBBACKUP_HOME ;; esac

say() { printf '%s\n' "$*" >&2; }

# fail EXIT_CODE CODE CAUSE REMEDY: every refusal says why and what to do, in the form of the client and of REST.
fail() {
    printf '%s: %s\nHINT: %s\n' "$2" "$3" "$4" >&2
    exit "$1"
}

find_java() {
    if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
        JAVA=$JAVA_HOME/bin/java
    else
        JAVA=$(command -v java || true)
    fi
    [ -n "$JAVA" ] || fail 78 TOOL_MISSING 'There is no Java.' 'Install JDK 17 or later, or set JAVA_HOME.'
    local version
    version=$("$JAVA" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p')
    case $version in
        1.* | [0-9] | 1[0-6]) fail 78 TOOL_TOO_OLD "$JAVA is version $version." 'Set JAVA_HOME to a JDK 17 or later.' ;;
    esac
}

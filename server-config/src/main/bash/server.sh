# Sourced by `dbbackup`: start, stop and status of the server.
# shellcheck shell=bash

PID_FILE=$DBBACKUP_HOME/server.pid

server_command() {
    case "${1:-}" in
        start) server_start ;;
        stop) server_stop ;;
        status) server_status ;;
        add-user) server_add_user "${2:-}" "${3:-}" ;;
        -h | --help) usage ;;
        '') fail 64 INVALID_PARAMETER 'What shall the server do?' 'Use: dbbackup server start|stop|status|add-user' ;;
        *) fail 64 INVALID_PARAMETER "Unknown: server $1." 'Use: dbbackup server start|stop|status|add-user' ;;
    esac
}

# The process of our pid file, if it is alive and really this server: numbers are used again.
server_pid() {
    local pid
    pid=$(cat "$PID_FILE" 2> /dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null || return 1
    tr '\0' '\n' < "/proc/$pid/cmdline" 2> /dev/null | grep -qxF -- "-Djboss.server.base.dir=$DBBACKUP_HOME" || return 1
    printf '%s\n' "$pid"
}

port_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# readiness: the answer of the readiness check on one line; empty when nobody answers.
readiness() {
    (
        exec 3<> "/dev/tcp/127.0.0.1/$DBBACKUP_MANAGEMENT_PORT" || exit 1
        printf 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        tr -d '\r\n' <&3
    ) 2> /dev/null || true
}

server_start() {
    local pid
    mkdir -p "$DBBACKUP_HOME"
    exec 9> "$DBBACKUP_HOME/.lock"
    flock -n 9 || fail 75 SERVER_BUSY "Another start or stop of $DBBACKUP_HOME is under way." 'Wait for it.'
    if pid=$(server_pid); then
        say "The server is already running (process $pid)."
        return 0
    fi
    free_port "$DBBACKUP_HTTP_PORT" DBBACKUP_HTTP_PORT
    free_port "$DBBACKUP_MANAGEMENT_PORT" DBBACKUP_MANAGEMENT_PORT
    build_server
    home_refresh
    home_first_start
    server_launch
    server_await_ready
    server_urls
}

free_port() {
    while port_taken "$1"; do
        if ! server_dying && port_taken "$1"; then
            fail 69 PORT_IN_USE "Port $1 is in use by another program." "Stop that program, or set $2 to a free port."
        fi
        sleep 0.2
    done
}

# A killed process keeps its ports until the kernel has taken it apart, which takes seconds on a busy machine.
server_dying() {
    local pid
    pid=$(cat "$PID_FILE" 2> /dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null &&
        [ -z "$(tr -d '\0' < "/proc/$pid/cmdline" 2> /dev/null)" ]
}

server_launch() {
    local configuration=$DBBACKUP_HOME/configuration mail=()
    rm -f "$PID_FILE"
    touch "$DBBACKUP_HOME/log/server.log"
    LOG_START=$(($(wc -l < "$DBBACKUP_HOME/log/server.log") + 1))
    if [ -n "${DBBACKUP_MAIL_USER:-}" ] || grep -q '^dbbackup\.mail\.user=.' "$configuration/dbbackup.properties"; then
        mail=(-Ddbbackup.mail.anonymous.name=Anonymous -Ddbbackup.mail.authenticated.name=Default)
    fi
    # standalone.sh takes the heap from JAVA_OPTS; its wrapper keeps watch and restarts on `:shutdown(restart=true)`.
    (
        unset DBBACKUP_ADMIN_PASSWORD DBBACKUP_PASSWORD_FILE
        export JBOSS_HOME=$DBBACKUP_HOME/wildfly JBOSS_PIDFILE=$PID_FILE LAUNCH_JBOSS_IN_BACKGROUND=true
        export JAVA JAVA_OPTS="$DBBACKUP_JAVA_OPTS -Djava.net.preferIPv4Stack=true -Djava.awt.headless=true \
-Djboss.modules.system.pkgs=org.jboss.byteman -Dorg.wildfly.sigterm.suspend.timeout=30 -XX:+ExitOnOutOfMemoryError"
        exec setsid "$JBOSS_HOME/bin/standalone.sh" \
            "-Djboss.server.base.dir=$DBBACKUP_HOME" \
            "-Djboss.http.port=$DBBACKUP_HTTP_PORT" "-Djboss.management.http.port=$DBBACKUP_MANAGEMENT_PORT" \
            "-Djboss.bind.address=$DBBACKUP_BIND" -Djboss.bind.address.management=127.0.0.1 \
            -Ddbbackup.log.console=OFF "${mail[@]}" \
            -P "$configuration/dbbackup.properties" -P "$configuration/secrets.properties"
    ) < /dev/null > "$DBBACKUP_HOME/log/console.log" 2>&1 9>&- &
    WRAPPER=$!
}

# No clock decides that a start has failed, but the end of the process, or the server's word that it is up with errors.
# Its log says so (WFLYSRV0025: started, WFLYSRV0026: with errors); an answer on the port alone could be another server's.
server_await_ready() {
    local waited=0
    say 'Starting the server ...'
    until server_log | grep -q WFLYSRV0025 && [[ $(readiness) == 'HTTP/1.1 200'* ]]; do
        if ! kill -0 "$WRAPPER" 2> /dev/null; then
            server_failed 'The server ended while it was starting.'
        elif server_log | grep -q WFLYSRV0026; then
            server_failed 'The server started with errors.'
        fi
        sleep 0.5
        waited=$((waited + 1))
        [ $((waited % 60)) != 0 ] || say "  ... still starting (log: $DBBACKUP_HOME/log/server.log)"
    done
}

# What the log says since this start; all of it once it has been rotated.
server_log() {
    [ "$(wc -l < "$DBBACKUP_HOME/log/server.log")" -ge $((LOG_START - 1)) ] || LOG_START=1
    tail -n +"$LOG_START" "$DBBACKUP_HOME/log/server.log" || true
}

server_failed() {
    local pid lines
    lines=$(server_log | grep -E ' (ERROR|FATAL) |Caused by' | cut -c1-500 | head -n 20 || true)
    printf '%s\n' "${lines:-$(tail -n 10 "$DBBACKUP_HOME/log/console.log")}" >&2
    ! pid=$(server_pid) || server_end "$pid"
    fail 70 SERVER_FAILED "$1" "See $DBBACKUP_HOME/log/server.log."
}

server_urls() {
    cat <<TEXT
dbbackup is ready.
  REST      http://127.0.0.1:$DBBACKUP_HTTP_PORT/api/v1
  console   http://127.0.0.1:$DBBACKUP_MANAGEMENT_PORT/console
  health    http://127.0.0.1:$DBBACKUP_MANAGEMENT_PORT/health
  user      admin, password in $DBBACKUP_HOME/configuration/admin-password
  log       $DBBACKUP_HOME/log/server.log
TEXT
}

server_stop() {
    local pid
    if ! pid=$(server_pid); then
        say 'The server is not running.'
        return 0
    fi
    say 'Stopping the server ...'
    server_end "$pid"
    say 'The server has stopped.'
}

server_end() {
    local pid=$1 waited=0
    kill -TERM "$pid" 2> /dev/null || true
    while kill -0 "$pid" 2> /dev/null; do
        sleep 0.2
        waited=$((waited + 1))
        [ $((waited % 150)) != 0 ] || say '  ... still stopping: it waits for running work to reach a point it can restart from'
    done
    rm -f "$PID_FILE"
}

server_status() {
    local pid answer
    if ! pid=$(server_pid); then
        echo 'not running'
        exit 3
    fi
    answer=$(readiness)
    if [[ $answer == 'HTTP/1.1 200'* ]]; then
        echo "ready (process $pid, http://127.0.0.1:$DBBACKUP_HTTP_PORT)"
    else
        echo "running, not ready (process $pid): ${answer:-no answer on port $DBBACKUP_MANAGEMENT_PORT}"
        exit 1
    fi
}

server_add_user() {
    local password
    case "$2" in viewer | operator | admin) ;; *) fail 64 INVALID_PARAMETER "No such role: $2." 'Use viewer, operator or admin.' ;; esac
    [[ $1 =~ ^[A-Za-z0-9._-]+$ ]] || fail 64 INVALID_PARAMETER "No valid user name: $1." 'Use letters, digits, dot, dash and underscore.'
    [ -e "$DBBACKUP_HOME/configuration/dbbackup-users.properties" ] ||
        fail 66 NO_SERVER "There is no server in $DBBACKUP_HOME yet." 'Run: dbbackup server start'
    [ ! -t 0 ] || printf 'Password for %s: ' "$1" >&2
    IFS= read -r -s password || [ -n "$password" ] || fail 64 INVALID_PARAMETER 'No password was given.' 'Type it, or pipe it in.'
    put_user "$1" "$2" "$password"
    say "User $1 is $2."
}

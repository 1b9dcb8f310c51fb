# Sourced by `dbbackup`: the server and the client are built when they are missing or older than their sources.
# shellcheck shell=bash

PROVISIONED=$ROOT/server-config/target/server
PROVISIONED_EAR=$PROVISIONED/standalone/deployments/dbbackup.ear
CLIENT_JAR=$ROOT/cli/target/dbbackup-cli.jar

# newer_sources RESULT MODULE...: is a source of these modules newer than the result? DBBACKUP_BUILD=never takes what is there.
newer_sources() {
    local result=$1 module paths=("$ROOT/pom.xml")
    shift
    [ -e "$result" ] || return 0
    [ "${DBBACKUP_BUILD:-}" != never ] || return 1
    for module in "$@"; do
        paths+=("$ROOT/$module/pom.xml" "$ROOT/$module/src")
    done
    [ -n "$(find "${paths[@]}" "$ROOT/META-INF" -newer "$result" -type f -print -quit 2> /dev/null)" ]
}

build_server() {
    find_java
    if newer_sources "$PROVISIONED_EAR" throwaway ejb batch-jobs war server-config; then
        build "the server (the first time: some minutes of downloads)" server-config,cli
    fi
}

build_client() {
    find_java
    if newer_sources "$CLIENT_JAR" throwaway cli; then
        build 'the command line client' cli
    fi
}

build() {
    local mvn log=$ROOT/.work/build.log
    mvn=$(command -v mvn || true)
    [ -n "$mvn" ] || fail 78 TOOL_MISSING 'There is no Maven to build with.' 'Install Maven 3.8.7 or later and put mvn into PATH.'
    say "Building $1 ..."
    mkdir -p "$ROOT/.work"
    if ! (umask 022 && cd "$ROOT" && "$mvn" -B -ntp -DskipTests -pl "$2" -am package) > "$log" 2>&1; then
        grep -E '^\[ERROR\]|"failed"|failure-description' "$log" | head -n 20 >&2
        fail 70 BUILD_FAILED 'The build failed.' "See $log."
    fi
}

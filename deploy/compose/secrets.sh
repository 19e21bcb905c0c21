#!/bin/sh
# Make the secrets that compose.yaml names, once; those that are there stay.
#
# The files can be read by others, because compose hands them on as they are and the servers are not root; the folder cannot.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
make() {
    [ -s "secrets/$1" ] || { printf '%s' "$2" > "secrets/$1" && chmod 644 "secrets/$1"; }
}
make database_password "$(openssl rand -hex 24)"
make database_url "postgresql://turnkeeper:$(cat secrets/database_password)@database/turnkeeper"
make vault_key "$(openssl rand -base64 32)"
echo "The secrets are in $(pwd)/secrets; keep a copy of vault_key: without it the vault's secrets cannot be read."

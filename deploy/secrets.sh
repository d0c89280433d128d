#!/bin/sh
# Makes what the nodes, the store, the proxy and Grafana must know and nobody else may: a signing key, a password for the
# store, one for Grafana, and, where there is no certificate yet, one that nobody vouches for, to try it with.
#
# usage: secrets.sh FOLDER STORE NAME
#   FOLDER  where to; what is there already stays
#   STORE   the address of Redis as the nodes see it, such as 127.0.0.1:6379
#   NAME    the host name of the certificate, such as chat.example
#
# The folder is the owner's only. The files in it can be read by whoever gets there: a container that runs as another
# user gets single files of it.
set -eu
[ $# -eq 3 ] || { sed -n 's/^# \{0,1\}//; 5,8p' "$0" >&2; exit 2; }
folder=$1 store=$2 name=$3
umask 077
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

if [ ! -e Jwt__SigningKey ]; then
    openssl rand -base64 48 > Jwt__SigningKey
fi

# The store keeps the hash, the nodes the password. "probe" may ask whether the store answers, and nothing else.
if [ ! -e redis.acl ] || [ ! -e Redis__ConnectionString ]; then
    password=$(openssl rand -hex 32)
    hash=$(printf %s "$password" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
    rm -f redis.acl Redis__ConnectionString
    cat > redis.acl <<ACL
user default off resetpass resetkeys resetchannels -@all
user im on #$hash resetkeys ~im:* resetchannels &im:* +@all -@admin -@dangerous +info +config|get
user probe on nopass resetkeys resetchannels -@all +ping
ACL
    echo "$store,user=im,password=$password,configChannel=,tiebreaker=" > Redis__ConnectionString
fi

if [ ! -e grafana-password ]; then
    openssl rand -hex 16 > grafana-password
fi

if [ ! -e tls.crt ] || [ ! -e tls.key ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$name" \
        -addext "subjectAltName=DNS:$name" -keyout tls.key -out tls.crt 2>/dev/null
fi

chmod 444 ./*

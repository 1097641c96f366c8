#!/bin/sh
# Run once by the postgres image, on an empty volume: the same roles as everywhere, with passwords.
set -eu
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname="$POSTGRES_DB" \
  -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -v backup="$BACKUP_PASSWORD" <<'SQL'
\i /srv/roles.sql
ALTER ROLE connected_owner PASSWORD :'owner';
ALTER ROLE connected_app PASSWORD :'app';
ALTER ROLE connected_backup PASSWORD :'backup';
SQL

#!/bin/sh
# Run once by the image of PostgreSQL, in an empty volume: the roles of the central history with their passwords.
# `andon central init` makes the rest.
set -eu
psql -v ON_ERROR_STOP=1 --no-password -U postgres -d andon <<'END'
\set owner `cat /run/secrets/central-owner-password`
\set bridge `cat /run/secrets/central-bridge-password`
\set reader `cat /run/secrets/central-reader-password`
CREATE ROLE andon_owner LOGIN PASSWORD :'owner';
CREATE ROLE andon_bridge LOGIN PASSWORD :'bridge';
CREATE ROLE andon_reader LOGIN PASSWORD :'reader';
END

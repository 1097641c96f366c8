-- The three logins of Connected, and what each may do in the current database.
-- Run by a login that may create roles. Running it again changes nothing.
--
--   connected_owner   owns the database and its tables; migrates
--   connected_app     serves pages, REST and workers; row-level security binds it
--   connected_backup  reads everything, row-level security or not, and writes nothing

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_owner') THEN
    CREATE ROLE connected_owner LOGIN CREATEDB;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
    CREATE ROLE connected_app LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_backup') THEN
    CREATE ROLE connected_backup LOGIN;
  END IF;
END $$;

-- Hosted servers often keep these two for their own administrator: then backups use that one.
DO $$
BEGIN
  ALTER ROLE connected_backup BYPASSRLS;
  GRANT pg_read_all_data TO connected_backup;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'connected_backup may not read everything: %', SQLERRM;
END $$;

-- A login that is no superuser must be a member of a role to act as it.
DO $$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT connected_owner, connected_app TO %I', current_user);
  END IF;
END $$;

DO $$
BEGIN
  IF (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) <> 'connected_owner' THEN
    EXECUTE format('ALTER DATABASE %I OWNER TO connected_owner', current_database());
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO connected_app', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO connected_backup', current_database());
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO connected_app, connected_backup;

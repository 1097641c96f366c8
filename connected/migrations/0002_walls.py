"""Row-level security around everything that belongs to a workspace."""

from django.db import migrations

from connected.walls import HERE, MYSELF, Wall

WORKSPACES = f"""
ALTER TABLE connected_workspace ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace ON connected_workspace
    USING (id = NULLIF(current_setting('app.workspace', true), '')::bigint
        OR id IN (SELECT workspace_id FROM connected_membership WHERE {MYSELF})
        OR id IN (SELECT workspace_id FROM connected_apitoken
                  WHERE key = NULLIF(current_setting('app.token', true), '')))
    WITH CHECK (id = NULLIF(current_setting('app.workspace', true), '')::bigint);
-- The owner, and so the function below, may list workspaces; the app role only through the function.
CREATE POLICY owner_lists ON connected_workspace FOR SELECT TO current_user USING (true);
CREATE FUNCTION connected_workspaces() RETURNS TABLE (slug varchar, id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS 'SELECT w.slug, w.id FROM public.connected_workspace w';
"""

UNDO = """
DROP FUNCTION connected_workspaces();
DROP POLICY owner_lists ON connected_workspace;
DROP POLICY workspace ON connected_workspace;
ALTER TABLE connected_workspace DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
"""

BY_TOKEN = "key = NULLIF(current_setting('app.token', true), '')"
# A token finds its member before the workspace is known.
MEMBER_OF_TOKEN = f"id IN (SELECT membership_id FROM connected_apitoken WHERE {BY_TOKEN})"

READ_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'connected_app') THEN
        REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM connected_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("connected", "0001_initial")]

    operations = [
        Wall("firm"),
        Wall("segment"),
        Wall("touchpoint"),
        Wall("firmgrant"),
        Wall("apitoken", policy=f"{HERE} OR {BY_TOKEN}"),
        Wall("membership", policy=f"{HERE} OR {MYSELF} OR {MEMBER_OF_TOKEN}"),
        migrations.RunSQL(WORKSPACES, UNDO),
        # Which migrations ran is for whoever migrates to say.
        migrations.RunSQL(READ_ONLY, migrations.RunSQL.noop),
    ]

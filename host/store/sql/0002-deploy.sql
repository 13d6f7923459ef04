-- The deployment workflow: drafts, mappings, the queue, rules, schedules, audit, and what the desk knows besides.

ALTER TABLE registrations ADD COLUMN notes TEXT NOT NULL DEFAULT '';
-- 1 while its configuration is incomplete; then it is not enabled.
ALTER TABLE registrations ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
-- `config.version` of the manifest it was last brought to.
ALTER TABLE registrations ADD COLUMN config_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE registrations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- Permissions an administrator has agreed to, JSON; NULL before that was asked.
ALTER TABLE plugins ADD COLUMN consent TEXT;

-- Configurations as they were before a migration, sealed: what a roll-back goes back to.
CREATE TABLE previous_configs (
  registration TEXT NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  sealed_config TEXT NOT NULL,
  PRIMARY KEY (registration, version)
) WITHOUT ROWID;

-- Every saved state of a mapping; the highest revision is in force. A revision without data says that it was removed.
CREATE TABLE mappings (
  registration TEXT NOT NULL,
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  data TEXT,
  saved_at INTEGER NOT NULL,
  saved_by TEXT NOT NULL,
  PRIMARY KEY (registration, name, revision)
) WITHOUT ROWID;

ALTER TABLE executions ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
-- The record it is about: `request:12`.
ALTER TABLE executions ADD COLUMN record TEXT;
CREATE INDEX executions_by_record ON executions (record, id) WHERE record IS NOT NULL;

-- Accepted executions that have not ended. `request` holds what it takes to run them; its secrets are sealed.
CREATE TABLE queue (
  execution TEXT PRIMARY KEY REFERENCES executions (id) ON DELETE CASCADE,
  due_at INTEGER NOT NULL,
  -- 1 from the moment the plugin may have seen it.
  started INTEGER NOT NULL DEFAULT 0,
  request TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX queue_by_due ON queue (due_at, execution);

-- `seq` tells their order: the id is the sender's own.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  -- 0 until the rules have accepted what it starts.
  processed INTEGER NOT NULL DEFAULT 0,
  data TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (at);
CREATE INDEX events_waiting ON events (seq) WHERE processed = 0;

CREATE TABLE rules (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  data TEXT NOT NULL
) WITHOUT ROWID;

-- `cause` is what started it, so that the same thing starts a rule once; NULL when a person did.
CREATE TABLE rule_runs (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  cause TEXT,
  event TEXT,
  status TEXT NOT NULL,
  ended_at INTEGER,
  data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX rule_runs_by_rule ON rule_runs (rule, id);
CREATE UNIQUE INDEX rule_runs_by_cause ON rule_runs (rule, cause) WHERE cause IS NOT NULL;
CREATE INDEX rule_runs_by_event ON rule_runs (event) WHERE event IS NOT NULL;
CREATE INDEX rule_runs_running ON rule_runs (rule, id) WHERE status = 'running';
CREATE INDEX rule_runs_by_end ON rule_runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  data TEXT NOT NULL
) WITHOUT ROWID;

-- Each row's hash covers the row and the hash before it.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  details TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_by_who ON audit (who, seq);
CREATE INDEX audit_by_target ON audit (target, seq);
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log keeps its entries'); END;
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log keeps its entries'); END;

ALTER TABLE desk_requests ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_requests ADD COLUMN impact TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_requests ADD COLUMN urgency TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_requests ADD COLUMN assignee TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_requests ADD COLUMN assigned_group TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_requests ADD COLUMN location TEXT NOT NULL DEFAULT '';

CREATE TABLE desk_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  department TEXT NOT NULL,
  location TEXT NOT NULL,
  active INTEGER NOT NULL,
  fields TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX desk_users_by_email ON desk_users (email) WHERE email <> '';

-- Custom fields; the id is shown as `cf:<id>`, values are kept under the label.
CREATE TABLE desk_fields (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  module TEXT NOT NULL,
  label TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (module, label)
);

CREATE TABLE desk_attachments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request INTEGER NOT NULL REFERENCES desk_requests (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  data BLOB NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX desk_attachments_by_request ON desk_attachments (request, id);

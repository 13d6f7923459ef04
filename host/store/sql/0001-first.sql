CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE plugins (
  id TEXT PRIMARY KEY,
  active_version TEXT,
  enabled INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;

CREATE TABLE versions (
  plugin TEXT NOT NULL REFERENCES plugins (id) ON DELETE CASCADE,
  version TEXT NOT NULL,
  digest TEXT NOT NULL,
  folder TEXT NOT NULL,
  manifest TEXT NOT NULL,
  installed_at INTEGER NOT NULL,
  PRIMARY KEY (plugin, version)
);

-- No cascade: the registry holds registrations in memory and must be the one who removes them.
CREATE TABLE registrations (
  id TEXT PRIMARY KEY,
  plugin TEXT NOT NULL REFERENCES plugins (id),
  name TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  sealed_config TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX registrations_by_plugin ON registrations (plugin);

-- Only what is searched for is a column; the whole execution is in `data`, so that the log costs one JSON text a row.
CREATE TABLE executions (
  id TEXT PRIMARY KEY,
  plugin TEXT NOT NULL,
  registration TEXT NOT NULL,
  action TEXT NOT NULL,
  mode TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  idempotency_key TEXT,
  data TEXT NOT NULL
);
CREATE INDEX executions_by_plugin ON executions (plugin, id);
CREATE INDEX executions_by_registration ON executions (registration, id);
CREATE INDEX executions_by_status ON executions (status, id) WHERE status <> 'succeeded';
CREATE INDEX executions_by_key ON executions (registration, action, mode, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE TABLE execution_records (
  execution TEXT NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (execution, seq)
);

CREATE TABLE artifacts (
  execution TEXT NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (execution, name)
);

CREATE TABLE kv (
  plugin TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (plugin, key)
) WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  secret_sha256 BLOB NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
);

CREATE TABLE desk_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  requester TEXT NOT NULL,
  fields TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE desk_notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request INTEGER NOT NULL REFERENCES desk_requests (id) ON DELETE CASCADE,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  public INTEGER NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX desk_notes_by_request ON desk_notes (request, id);

CREATE TABLE desk_assets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  source TEXT,
  native_key TEXT,
  attributes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX desk_assets_by_native_key ON desk_assets (source, native_key) WHERE native_key IS NOT NULL;

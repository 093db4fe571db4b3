-- The local forge's pull requests and their comments. What git knows (branches, commits) is not here but for the two
-- shas of the last look: they keep a pull request readable after its branch is gone.

-- Numbers count per repository from 1; pull_id is what API clients take for an id of its own.
CREATE TABLE forge_pulls (
  tenant_key  int  NOT NULL REFERENCES tenants,
  project_key int  NOT NULL REFERENCES projects,
  repo        text NOT NULL CONSTRAINT forge_pulls_repo_form CHECK (repo ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  number      int  NOT NULL CONSTRAINT forge_pulls_number_positive CHECK (number > 0),
  pull_id     bigint GENERATED ALWAYS AS IDENTITY,
  title       text NOT NULL,
  body        text NOT NULL,
  head        text NOT NULL,
  base        text NOT NULL,
  head_sha    text NOT NULL CONSTRAINT forge_pulls_head_sha_form CHECK (head_sha ~ '^[0-9a-f]{40}$'),
  base_sha    text NOT NULL CONSTRAINT forge_pulls_base_sha_form CHECK (base_sha ~ '^[0-9a-f]{40}$'),
  state       text NOT NULL DEFAULT 'open' CONSTRAINT forge_pulls_state CHECK (state IN ('open', 'closed')),
  draft       boolean NOT NULL DEFAULT false,
  merge_sha   text NULL,
  merged_by   text NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  closed_at   timestamptz NULL,
  merged_at   timestamptz NULL,
  PRIMARY KEY (tenant_key, project_key, repo, number),
  CONSTRAINT forge_pulls_merged_is_closed CHECK (merged_at IS NULL OR state = 'closed'),
  CONSTRAINT forge_pulls_closed_at CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);

-- What makes a second pull request for the same branches fail, whoever asks at the same moment.
CREATE UNIQUE INDEX forge_pulls_one_open ON forge_pulls (tenant_key, project_key, repo, head, base)
  WHERE state = 'open';

CREATE TABLE forge_comments (
  tenant_key  int  NOT NULL,
  project_key int  NOT NULL,
  comment_id  bigint GENERATED ALWAYS AS IDENTITY,
  repo        text NOT NULL,
  number      int  NOT NULL,
  body        text NOT NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_key, project_key, repo, number, comment_id),
  FOREIGN KEY (tenant_key, project_key, repo, number) REFERENCES forge_pulls ON DELETE CASCADE
);

SELECT isolate('forge_pulls'), isolate('forge_comments');
GRANT SELECT, INSERT, UPDATE, DELETE ON forge_pulls TO aegis_app;
GRANT SELECT, INSERT ON forge_comments TO aegis_app;

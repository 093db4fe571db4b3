-- A deployment may be served by others than this server: a bucket, a cloud. Whatever server deploys it next writes its
-- row; only what a server runs itself belongs to that server's home.
ALTER TABLE deployments
  ADD COLUMN target text NOT NULL DEFAULT 'process' CONSTRAINT deployments_target
    CHECK (target IN ('process', 'static', 'terraform', 'pulumi')),
  ADD COLUMN url text NULL CONSTRAINT deployments_url CHECK (octet_length(url) <= 8192);

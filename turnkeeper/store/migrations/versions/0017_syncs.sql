-- What people write about a data set, and how often it was changed by hand: the validator of conditional writes.
ALTER TABLE data_sets
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- One run that brings a data set up to date: what it was asked for, how far it is, and what came of it. Its result is
-- written in the transaction that changes the data set, so the two never differ.
CREATE TABLE syncs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   uuid NOT NULL UNIQUE,
    data_set_id bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    account_id  bigint REFERENCES accounts ON DELETE SET NULL,
    origin      text NOT NULL CHECK (origin IN ('upload', 'command')),
    mode        text NOT NULL CHECK (mode IN ('merge', 'replace', 'remove')),
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    claim       integer NOT NULL DEFAULT 0,
    files       integer NOT NULL,
    found       integer NOT NULL DEFAULT 0,
    handled     integer NOT NULL DEFAULT 0,
    to_handle   integer,
    skipped     integer NOT NULL DEFAULT 0,
    added       integer NOT NULL DEFAULT 0,
    changed     integer NOT NULL DEFAULT 0,
    unchanged   integer NOT NULL DEFAULT 0,
    removed     integer NOT NULL DEFAULT 0,
    unreadable  integer NOT NULL DEFAULT 0,
    documents   integer NOT NULL DEFAULT 0,
    products    integer NOT NULL DEFAULT 0,
    passages    integer NOT NULL DEFAULT 0,
    unembedded  integer NOT NULL DEFAULT 0,
    error_code  text,
    error       text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    seen_at     timestamptz,
    ended_at    timestamptz
);
COMMENT ON COLUMN syncs.origin IS 'upload: a task of the queue does it; command: the process of a command does it itself';
COMMENT ON COLUMN syncs.mode IS 'merge: what is not named stays; replace: it goes; remove: what is named goes';
COMMENT ON COLUMN syncs.claim IS 'how often it was begun; who does it writes only with the claim that it began with';
COMMENT ON COLUMN syncs.found IS 'sources: files, with those inside archives; added, changed, unchanged and removed count them too';
COMMENT ON COLUMN syncs.to_handle IS 'sources that must be read, once that is known; handled counts those that were';
COMMENT ON COLUMN syncs.unembedded IS 'passages that waited for vectors when it ended';
COMMENT ON COLUMN syncs.seen_at IS 'when whoever does it last said so';
CREATE INDEX syncs_data_set ON syncs (data_set_id, id);
CREATE INDEX syncs_account ON syncs (account_id);
CREATE INDEX syncs_open ON syncs (data_set_id) WHERE state IN ('queued', 'running');
CREATE INDEX syncs_ended ON syncs (ended_at) WHERE ended_at IS NOT NULL;

-- What a run has to read, or to remove. Gone when it ends.
CREATE TABLE sync_files (
    sync_id bigint NOT NULL REFERENCES syncs ON DELETE CASCADE,
    number  integer NOT NULL,
    address text NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('file', 'archive', 'text', 'markdown', 'html', 'gone')),
    title   text,
    blob_id bigint REFERENCES blobs,
    PRIMARY KEY (sync_id, number),
    CHECK ((blob_id IS NULL) = (kind = 'gone'))
);
CREATE INDEX sync_files_blob ON sync_files (blob_id);

CREATE TABLE sync_errors (
    sync_id bigint NOT NULL REFERENCES syncs ON DELETE CASCADE,
    number  integer NOT NULL,
    address text NOT NULL,
    why     text NOT NULL,
    PRIMARY KEY (sync_id, number)
);

-- Bytes that only a data set was made of have no text for a model: it is made when a message is to have them.
ALTER TABLE blobs ADD COLUMN is_read boolean NOT NULL DEFAULT false;
UPDATE blobs SET is_read = true WHERE is_stored;
COMMENT ON COLUMN blobs.is_read IS 'that text says what a model reads; null there is then of a picture';
COMMENT ON COLUMN blobs.unused_since IS 'null while a file or a run of a data set has these bytes';

CREATE OR REPLACE FUNCTION blobs_after_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE blobs SET unused_since = now()
    WHERE id = OLD.blob_id AND NOT EXISTS (SELECT 1 FROM files WHERE blob_id = OLD.blob_id)
      AND NOT EXISTS (SELECT 1 FROM sync_files WHERE blob_id = OLD.blob_id);
    RETURN NULL;
END $$;
CREATE TRIGGER sync_files_deleted AFTER DELETE ON sync_files
    FOR EACH ROW EXECUTE FUNCTION blobs_after_use();

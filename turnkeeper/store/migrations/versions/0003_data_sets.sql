CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE data_sets (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id       uuid NOT NULL UNIQUE,
    organization_id bigint NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL CHECK (name <> ''),
    passage_count   bigint NOT NULL DEFAULT 0,
    passage_length  bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, name)
);
COMMENT ON COLUMN data_sets.passage_length IS 'the lengths of all passages together; BM25 needs their mean';

CREATE TABLE data_set_members (
    data_set_id bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    account_id  bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    PRIMARY KEY (data_set_id, account_id)
);
CREATE INDEX data_set_members_account ON data_set_members (account_id);

-- What was imported: one file or page, which may hold many documents and products.
CREATE TABLE sources (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    data_set_id  bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    address      text NOT NULL,
    content_hash text NOT NULL,
    unreadable   jsonb NOT NULL DEFAULT '[]',
    UNIQUE (data_set_id, address)
);
COMMENT ON COLUMN sources.content_hash IS 'of the bytes, and of the way in which they are read and split';
COMMENT ON COLUMN sources.unreadable IS 'the parts that could not be read: [address, why] each; told again at every import';

-- A document keeps its id when its source changes: old citations go on pointing at it. Within an import, a document
-- without a source is one whose source is gone or not yet read again.
CREATE TABLE documents (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   uuid NOT NULL UNIQUE,
    data_set_id bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    source_id   bigint REFERENCES sources ON DELETE SET NULL,
    kind        text NOT NULL CHECK (kind IN ('document', 'product')),
    address     text NOT NULL,
    title       text NOT NULL,
    text        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (data_set_id, address)
);
CREATE INDEX documents_source ON documents (source_id);
CREATE INDEX documents_orphaned ON documents (data_set_id) WHERE source_id IS NULL;

CREATE TABLE products (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    data_set_id bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    document_id bigint NOT NULL UNIQUE REFERENCES documents ON DELETE CASCADE,
    entry_id    text NOT NULL,
    name        text NOT NULL,
    slug        text NOT NULL,
    sku         text NOT NULL,
    description text NOT NULL,
    properties  text NOT NULL,
    categories  text NOT NULL,
    price       double precision,
    UNIQUE (data_set_id, entry_id)
);
COMMENT ON COLUMN products.document_id IS 'the readable companion that passages and citations refer to';

-- The words of a data set after stemming, and in how many of its passages each occurs. A term belongs to one data set, so
-- an index over terms never meets the passages of another.
CREATE TABLE terms (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    data_set_id bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    lexeme      text COLLATE "C" NOT NULL,
    passages    bigint NOT NULL DEFAULT 0,
    UNIQUE (data_set_id, lexeme)
);

CREATE TABLE passages (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    data_set_id  bigint NOT NULL REFERENCES data_sets ON DELETE CASCADE,
    document_id  bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    start_offset integer NOT NULL,
    end_offset   integer NOT NULL,
    context      text NOT NULL,
    text         text NOT NULL,
    terms        integer[] STORAGE MAIN NOT NULL,
    frequencies  smallint[] STORAGE MAIN NOT NULL,
    length       integer NOT NULL
) WITH (toast_tuple_target = 128);  -- texts live apart, so that scoring thousands of passages reads few pages
COMMENT ON COLUMN passages.context IS 'the title and the headings above the passage; searched, but not part of the text';
COMMENT ON COLUMN passages.frequencies IS 'how often each of terms occurs, in the same order; in the context counts for more';
COMMENT ON COLUMN passages.length IS 'the sum of frequencies';
CREATE INDEX passages_document ON passages (document_id, start_offset);
CREATE INDEX passages_data_set ON passages (data_set_id);
CREATE INDEX passages_terms ON passages USING gin (terms) WITH (fastupdate = off);

-- Apart from passages: rows of one page each are read fast, and filling them in rewrites no other index.
CREATE TABLE passage_vectors (
    passage_id  bigint PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    data_set_id bigint NOT NULL,
    embedding   halfvec(384) STORAGE PLAIN NOT NULL
);
CREATE INDEX passage_vectors_data_set ON passage_vectors (data_set_id);
CREATE INDEX passage_vectors_nearest ON passage_vectors USING hnsw (embedding halfvec_cosine_ops) WITH (m = 16, ef_construction = 64);

-- What a whole document is about. The sum points where the mean does, and can be added to as vectors come in.
CREATE TABLE document_vectors (
    document_id bigint PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    total       vector(384) STORAGE PLAIN NOT NULL
);
COMMENT ON COLUMN document_vectors.total IS 'the sum of the vectors of the document''s passages';

-- Passages that wait for their vector. Taken with SKIP LOCKED, so any number of processes may help.
CREATE TABLE passages_to_embed (
    passage_id  bigint PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    data_set_id bigint NOT NULL
);
CREATE INDEX passages_to_embed_data_set ON passages_to_embed (data_set_id, passage_id);

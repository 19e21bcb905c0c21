-- A data set has an embedding model of its own. Vectors carry the generation they belong to: while the next one is made, the
-- present one serves, and one statement changes over. Generations are counted up in each data set and never come again.
ALTER TABLE data_sets
    ADD COLUMN embedding_model       text NOT NULL DEFAULT 'minilm',
    ADD COLUMN embedding_dimensions  integer NOT NULL DEFAULT 384 CHECK (embedding_dimensions BETWEEN 1 AND 4000),
    ADD COLUMN generation            integer NOT NULL DEFAULT 1,
    ADD COLUMN next_embedding_model  text,
    ADD COLUMN next_dimensions       integer CHECK (next_dimensions BETWEEN 1 AND 4000),
    ADD COLUMN next_generation       integer,
    ADD COLUMN last_generation       integer NOT NULL DEFAULT 1,
    ADD COLUMN embedding_trouble     text,
    ADD CHECK (num_nulls(next_embedding_model, next_dimensions, next_generation) IN (0, 3));
COMMENT ON COLUMN data_sets.next_generation IS 'the vectors that are being made to take the place of the present ones';
COMMENT ON COLUMN data_sets.embedding_trouble IS 'why vectors could not be made at the last attempt';

-- Vectors of all dimensions in one table. An index is possible over one number of dimensions at a time, so the usual ones
-- have an index each; of other sizes all vectors of a data set are compared. The fixed columns come first, and rows of a data
-- set lie together: what is compared one by one is read fast.
CREATE TABLE vectors (
    passage_id  bigint NOT NULL,
    data_set_id bigint NOT NULL,
    generation  integer NOT NULL,
    dimensions  integer NOT NULL,
    embedding   halfvec STORAGE PLAIN NOT NULL,
    CHECK (vector_dims(embedding) = dimensions)
);
INSERT INTO vectors SELECT passage_id, data_set_id, 1, 384, embedding FROM passage_vectors ORDER BY data_set_id, passage_id;
DROP TABLE passage_vectors;
ALTER TABLE vectors RENAME TO passage_vectors;
ALTER TABLE passage_vectors RENAME CONSTRAINT vectors_check TO passage_vectors_dimensions;
ALTER TABLE passage_vectors
    ADD PRIMARY KEY (passage_id, generation),
    ADD FOREIGN KEY (passage_id) REFERENCES passages ON DELETE CASCADE;
CREATE INDEX passage_vectors_data_set ON passage_vectors (data_set_id, generation);
CREATE INDEX passage_vectors_nearest_256 ON passage_vectors
    USING hnsw ((embedding::halfvec(256)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 256;
CREATE INDEX passage_vectors_nearest_384 ON passage_vectors
    USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 384;
CREATE INDEX passage_vectors_nearest_512 ON passage_vectors
    USING hnsw ((embedding::halfvec(512)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 512;
CREATE INDEX passage_vectors_nearest_768 ON passage_vectors
    USING hnsw ((embedding::halfvec(768)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 768;
CREATE INDEX passage_vectors_nearest_1024 ON passage_vectors
    USING hnsw ((embedding::halfvec(1024)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 1024;
CREATE INDEX passage_vectors_nearest_1536 ON passage_vectors
    USING hnsw ((embedding::halfvec(1536)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 1536;
CREATE INDEX passage_vectors_nearest_2560 ON passage_vectors
    USING hnsw ((embedding::halfvec(2560)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 2560;
CREATE INDEX passage_vectors_nearest_3072 ON passage_vectors
    USING hnsw ((embedding::halfvec(3072)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE dimensions = 3072;

-- Small ones lie in the row; those of 500 dimensions and more lie apart, uncompressed, as numbers do not shrink.
ALTER TABLE document_vectors
    ADD COLUMN generation integer NOT NULL DEFAULT 1,
    ALTER COLUMN total TYPE vector,
    ALTER COLUMN total SET STORAGE EXTERNAL,
    DROP CONSTRAINT document_vectors_pkey,
    ADD PRIMARY KEY (document_id, generation);
ALTER TABLE document_vectors ALTER COLUMN generation DROP DEFAULT;

ALTER TABLE passages_to_embed
    ADD COLUMN generation integer NOT NULL DEFAULT 1,
    DROP CONSTRAINT passages_to_embed_pkey,
    ADD PRIMARY KEY (passage_id, generation);
ALTER TABLE passages_to_embed ALTER COLUMN generation DROP DEFAULT;
DROP INDEX passages_to_embed_data_set;
CREATE INDEX passages_to_embed_data_set ON passages_to_embed (data_set_id, generation, passage_id);

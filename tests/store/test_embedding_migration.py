"""Data sets from before embedding models could be chosen: their vectors serve on, as those of `minilm`."""

import psycopg

from turnkeeper.store.migrate import VERSIONS
from turnkeeper.store.migrations.upgrade import APPLIED_FIRST


def test_vectors_from_before_serve_on(empty_database_url: str) -> None:
    files = sorted(VERSIONS.glob("*.sql"))
    with psycopg.connect(empty_database_url) as connection:
        for file in (each for each in files if each.name < "0010"):
            if file.stem in APPLIED_FIRST:
                connection.execute(APPLIED_FIRST[file.stem]().encode())
            connection.execute(file.read_bytes())
        connection.execute(
            b"""
            INSERT INTO organizations (public_id, name) VALUES (gen_random_uuid(), 'Acme');
            INSERT INTO data_sets (public_id, organization_id, name) VALUES (gen_random_uuid(), 1, 'shop');
            INSERT INTO documents (public_id, data_set_id, kind, address, title, text)
            VALUES (gen_random_uuid(), 1, 'document', 'a', 'a', 'a');
            INSERT INTO passages
                (data_set_id, document_id, start_offset, end_offset, context, text, terms, frequencies, length)
            SELECT 1, 1, n, n + 1, '', 'text', '{}', '{}', 0 FROM generate_series(1, 3) n;
            INSERT INTO passage_vectors SELECT n, 1, array_fill(n, '{384}')::vector::halfvec FROM generate_series(1, 2) n;
            INSERT INTO document_vectors SELECT 1, sum(embedding::vector) FROM passage_vectors;
            INSERT INTO passages_to_embed VALUES (3, 1);
            """
        )
        for file in (each for each in files if each.name >= "0010"):
            connection.execute(file.read_bytes())

        found = connection.execute(
            "SELECT v.passage_id, v.generation, v.dimensions, d.embedding_model, d.generation FROM passage_vectors v"
            " JOIN data_sets d ON d.id = v.data_set_id ORDER BY 1"
        ).fetchall()
        waiting = connection.execute("SELECT passage_id, generation FROM passages_to_embed").fetchall()
        total = connection.execute("SELECT generation, vector_dims(total) FROM document_vectors").fetchall()

    assert found == [(1, 1, 384, "minilm", 1), (2, 1, 384, "minilm", 1)]
    assert (waiting, total) == ([(3, 1)], [(1, 384)])

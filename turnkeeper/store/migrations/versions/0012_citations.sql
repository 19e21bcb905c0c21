-- A citation names the version of the document's text that its offsets count in.
ALTER TABLE documents ADD COLUMN version integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN documents.version IS 'counts the changes of the text: raised when an import brings another one';

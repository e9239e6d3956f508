-- What decisions and accounts are found by; their indices are built in 0028, so that nobody who writes waits for them.

-- The variants of an answer, each as `experiment:variant`. Read as text: what an answer quotes may be no jsonb (\u0000).
CREATE FUNCTION dunning.variants_of(answer text) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT string_to_array(replace(substring(answer FROM '"variants":\{([^}]*)\},"warnings":'), '"', ''), ',')
$$;

-- Stored accounts are found by whose they are and where; the words are those of the document, written with it. What is
-- stored already is filled in by 0019, in batches.
ALTER TABLE dunning.accounts ADD COLUMN country text, ADD COLUMN segment text;

-- A JSON value that is a word; null for any other, and one that is too long.
CREATE FUNCTION dunning.word_of(value json) RETURNS text STRICT IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN json_typeof(value) = 'string' AND length(value #>> '{}') <= 64 THEN value #>> '{}' END
$$;

-- A server of the program before this one writes documents without these words. Where PostgreSQL cannot read a document
-- (\u0000, half a pair, too deep), they are what its writer says.
CREATE FUNCTION dunning.write_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    facts json;
BEGIN
    facts := NEW.document;
    NEW.country := dunning.word_of(facts -> 'country');
    NEW.segment := dunning.word_of(facts -> 'segment');
    RETURN NEW;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
    RETURN NEW;
END $$;
CREATE TRIGGER write_words BEFORE INSERT OR UPDATE OF document ON dunning.accounts
    FOR EACH ROW EXECUTE FUNCTION dunning.write_words();

-- People by the words of their names, for the desk: the program folds a name into words (`people/name_words.py`), and the
-- trigger keeps one row for each, so that whoever begins to type a word is found by the index.
ALTER TABLE users ADD COLUMN name_words TEXT NOT NULL DEFAULT '';
CREATE TABLE name_words (
    user_id {id} NOT NULL REFERENCES users (user_id),
    word {id} NOT NULL,
    PRIMARY KEY (user_id, word)
);
CREATE INDEX name_words_word ON name_words (word, user_id);
CREATE FUNCTION keep_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.name_words = OLD.name_words THEN
            RETURN NULL;
        END IF;
        DELETE FROM name_words WHERE user_id = NEW.user_id;
    END IF;
    INSERT INTO name_words (user_id, word)
        SELECT NEW.user_id, word FROM unnest(string_to_array(NEW.name_words, ' ')) AS word WHERE word <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER users_words AFTER INSERT OR UPDATE OF name_words ON users
    FOR EACH ROW EXECUTE FUNCTION keep_name_words();

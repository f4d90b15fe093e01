-- People by the words of their names, for the desk: the program folds a name into words (`people/name_words.py`), and the
-- triggers keep one row for each, so that whoever begins to type a word is found by the index. Words hold no quote.
ALTER TABLE users ADD COLUMN name_words TEXT NOT NULL DEFAULT '';
CREATE TABLE name_words (
    user_id {id} NOT NULL REFERENCES users (user_id),
    word {id} NOT NULL,
    PRIMARY KEY (user_id, word)
) {clustered};
CREATE INDEX name_words_word ON name_words (word, user_id);
CREATE TRIGGER users_new_words AFTER INSERT ON users WHEN NEW.name_words <> ''
BEGIN
    INSERT INTO name_words (user_id, word)
        SELECT NEW.user_id, value FROM json_each('["' || replace(NEW.name_words, ' ', '","') || '"]');
END;
CREATE TRIGGER users_other_words AFTER UPDATE OF name_words ON users WHEN NEW.name_words <> OLD.name_words
BEGIN
    DELETE FROM name_words WHERE user_id = NEW.user_id;
    INSERT INTO name_words (user_id, word)
        SELECT NEW.user_id, value FROM json_each('["' || replace(NEW.name_words, ' ', '","') || '"]') WHERE value <> '';
END;

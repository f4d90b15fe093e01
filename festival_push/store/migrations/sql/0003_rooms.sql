-- The rooms that people follow beside their own topics; one row a person, so that it is read and replaced as a whole.

CREATE TABLE rooms (
    user_id {id} PRIMARY KEY REFERENCES users (user_id),
    topics TEXT NOT NULL
) {clustered};

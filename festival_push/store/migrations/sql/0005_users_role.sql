-- The organisers are looked up whenever one of them is about to lose their rights.
CREATE INDEX users_role ON users (role);

-- No two stalls have names that people take for one. The program fills the keys of the stalls that are here already.
CREATE TABLE vendor_names (
    vendor_id {id} PRIMARY KEY REFERENCES vendors (vendor_id),
    name_key {id} NOT NULL UNIQUE
);

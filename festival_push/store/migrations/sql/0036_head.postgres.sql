-- Not additive: servers of before commit some batches without a new version of this row, which those of now go by.
COMMENT ON TABLE log_head IS
    'One row. Every transaction that commits something must update it: others know by its version that nobody else has.';

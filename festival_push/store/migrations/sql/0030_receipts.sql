-- What a stall's receipts say of whoever sells: the name, the tax id and the address of the business.
ALTER TABLE vendors ADD COLUMN legal_name TEXT;
ALTER TABLE vendors ADD COLUMN tax_id TEXT;
ALTER TABLE vendors ADD COLUMN address TEXT;

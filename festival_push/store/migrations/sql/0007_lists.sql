-- Each owner's payouts and each stall's displays are listed on their pages.
CREATE INDEX payouts_owner ON payouts (owner_id, seq);
CREATE INDEX displays_vendor ON displays (vendor_id, created_at);

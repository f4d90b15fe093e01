"""The audit: every promise, checked on the live database; a finding says which one is broken, and by what."""

"""Proofs of second factors: codes of apps (TOTP), passkeys (WebAuthn), recovery codes, and how secrets are sealed.

`domain/signing_in/factors.py` says when a proof counts.
"""

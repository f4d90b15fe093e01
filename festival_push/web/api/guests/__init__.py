"""The cash desk's guests: `finding` finds one, `cards` shows all of one, `wallets` freezes and moves their money,
`new_sign_ins` lets them in again.
"""

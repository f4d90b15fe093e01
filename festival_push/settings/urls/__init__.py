"""What the URLs of the database and of Redis may say, and what is wrong with one, in words that quote no password.

postgres     libpq's forms, as far as our driver knows them
redis        one server, Sentinels, or nodes of a cluster
"""

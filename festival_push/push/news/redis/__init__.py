"""What is known of Redis before anything is asked of it, and by what it says.

url       what `redis.url` says: one server, Sentinels, or nodes of a cluster
finder    which of several servers to connect to
rights    which right our user lacks
others    how many other processes are heard

`redis_client.py` above makes the connections.
"""

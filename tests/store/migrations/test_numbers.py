"""Open pickup numbers become unique: doubles that there may be get free ones, and the festival goes on."""

from festival_push.domain.values import UserId
from festival_push.store.database import Database
from festival_push.store.migrations.runner import migrate
from festival_push.store.opening import open_database
from tests.store.world import PRICE, World, assert_lawful

ANNA = UserId("anna")


async def test_the_oldest_order_keeps_its_number(database_url: str, database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(ANNA, money=20 * PRICE)
        for number in range(1, 7):
            await world.committer.submit(world.order(ANNA, f"o{number}"))
    writer = database.writer()
    await writer.begin()
    for statement in (
        "DROP INDEX orders_open_number;",
        "UPDATE orders SET number = 1, status = 'cancelled' WHERE order_id = 'o1';",
        "UPDATE orders SET number = 1 WHERE order_id IN ('o2', 'o4', 'o6');",
        "UPDATE orders SET number = 999 WHERE order_id = 'o5';",
        "UPDATE orders SET number = 3 WHERE order_id = 'o3';",
        "DELETE FROM schema_migrations WHERE name = '0024_numbers';",
    ):
        await writer.run_script(statement)
    await writer.commit()
    assert await migrate(database) == ["0024_numbers"]
    [rows] = await database.read(("SELECT order_id, number FROM orders ORDER BY order_id", ()))
    assert rows == [("o1", 1), ("o2", 1), ("o3", 3), ("o4", 998), ("o5", 999), ("o6", 997)]
    again = await open_database(database_url)
    try:
        async with World(again) as world:
            placed = await world.committer.submit(world.order(ANNA, "o7"))
            assert placed.reply.order.number == 7
        await assert_lawful(again)
    finally:
        await again.close()

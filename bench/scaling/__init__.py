"""How capacity grows: many streams, many servers."""

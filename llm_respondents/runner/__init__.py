"""The loop that asks: pure asyncio, no Django. It sees frozen values and three injected calls."""

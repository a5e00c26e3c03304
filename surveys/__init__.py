"""The shared schema: what people and models are asked, and what they answer."""

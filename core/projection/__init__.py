"""The map: session embeddings laid out in two dimensions."""

"""The session model as ONNX graphs: whole windows at once, and one event at a time with explicit keys and values."""

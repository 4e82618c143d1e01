"""Models leave the product as a Hugging Face folder or as ONNX graphs."""

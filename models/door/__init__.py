"""A door for models that genlock does not know: TorchScript, ONNX, or a command, from someone whom you trust."""
